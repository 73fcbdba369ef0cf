import { Coverage } from './coverage.ts';

/** JSON Schema of coverage.json for readers that do not have our code; bundle/coverage.schema.json holds this text. */
export const coverageSchemaText = (): string =>
  `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...Coverage }, null, 2)}\n`;
