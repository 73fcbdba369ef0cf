import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sextant } from './run-sextant.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-faulty-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('agent explain ends with 2 over a fault of profile.yaml and names its line', async () => {
  writeFileSync(join(dataDir, 'profile.yaml'), 'metrics:\n  interval: 5 parsecs\n');
  const { code, out, err } = await sextant(['agent', 'explain', '--data-dir', dataDir]);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('SX_CONFIG_INVALID');
  expect(err).toContain(`${join(dataDir, 'profile.yaml')}:2: metrics.interval`);
});

test('agent run ends with 2 over a fault of the program’s own settings', async () => {
  writeFileSync(join(dataDir, 'sextant.yaml'), 'agent:\n  spool: { maxBytes: 1KiB }\n  nonsense: 1\n');
  const { code, err } = await sextant(['agent', 'run', '--data-dir', dataDir]);
  expect(code).toBe(2);
  expect(err).toMatch(/sextant\.yaml:2: agent\.spool\.maxBytes/);
  expect(err).toMatch(/sextant\.yaml:3: agent\.nonsense/);
});
