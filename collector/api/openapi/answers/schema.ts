import { type Static, type TSchema, Type } from 'typebox';

/**
 * What the API answers, as schemas. The shapes that programs import and these must say the same: the compiler refuses
 * a schema whose type differs.
 */
export const same =
  <Shape>() =>
  <Schema extends TSchema>(
    schema: Schema &
      ([Static<Schema>, Shape, keyof Shape] extends [Shape, Static<Schema>, keyof Static<Schema>] ? unknown : never),
  ): Schema =>
    schema;

export const names = <const Name extends string>(list: readonly Name[]) =>
  Type.Unsafe<Name>({ type: 'string', enum: [...list] });
export const Text = Type.String();
export const Time = Type.String({ description: 'RFC 3339, with nanoseconds where the source has them.' });
export const Texts = Type.Record(Type.String(), Type.String());
export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
