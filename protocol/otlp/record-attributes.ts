import { attributeField } from './attribute-field.ts';

/**
 * Field of ScopeLogs that is our own: attributes of each of its records, written once (`repeated KeyValue`, texts alone). The path and
 * name of a file are a third of what its lines are otherwise. Who reads the records puts them before their own.
 *
 * Far from what OTLP uses (1 to 3), and no scope attribute: those are a sender's own and are stored as such.
 */
export const recordAttributesField = 20;

/** Attributes as that field, to be put before the records. */
export const recordAttributes = (attributes: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(Object.entries(attributes).map(([key, value]) => attributeField(recordAttributesField, key, value)));
