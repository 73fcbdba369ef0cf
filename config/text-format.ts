import Format from 'typebox/format';

/** Why a text will not do, as a phrase that follows it, with what to do; undefined when it will. */
export type TextFault = (text: string) => string | undefined;

const faults = new Map<string, TextFault>();

/** Gives a schema's `format` a check of ours that says what is wrong. Returns the name, for the schema. */
export function textFormat(name: string, fault: TextFault): string {
  faults.set(name, fault);
  Format.Set(name, (text) => fault(text) === undefined);
  return name;
}

/** What such a check says of a text. */
export const textFault = (format: string, text: unknown): string | undefined =>
  typeof text === 'string' ? faults.get(format)?.(text) : undefined;
