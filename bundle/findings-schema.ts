import { Findings } from './analysis/finding.ts';

/** JSON Schema of findings.json for readers that do not have our code; bundle/findings.schema.json holds this text. */
export const findingsSchemaText = (): string =>
  `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...Findings }, null, 2)}\n`;
