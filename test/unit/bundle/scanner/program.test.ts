import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { assembleScan, scanModule } from '../../../../scripts/build-scan.js';

test('the program that is shipped is what its text says', async () => {
  expect(await readFile('bundle/scanner/program.ts', 'utf8')).toBe(scanModule(await assembleScan()));
});
