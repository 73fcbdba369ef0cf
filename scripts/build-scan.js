import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import wabt from 'wabt';
import { checkout } from './runtime.js';

const folder = join(checkout, 'bundle', 'scanner');

/** The scanner's program out of its text; throws with the place of a mistake. */
export async function assembleScan() {
  const name = 'scan.wat';
  const { parseWat } = await wabt();
  const program = parseWat(name, readFileSync(join(folder, name), 'utf8'));
  try {
    program.validate();
    return Buffer.from(program.toBinary({}).buffer);
  } finally {
    program.destroy();
  }
}

/** The module that holds it: base64, so that agent and packages need no file beside their own. */
export function scanModule(program) {
  const lines = program.toString('base64').match(/.{1,110}/g) ?? [];
  const text = lines.map((line) => `  '${line}'`).join(' +\n');
  return `// Written by \`npm run build:scan\` from scan.wat; do not edit by hand.\nexport const scanProgram =\n${text};\n`;
}

if (import.meta.main) writeFileSync(join(folder, 'program.ts'), scanModule(await assembleScan()));
