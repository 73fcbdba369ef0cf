import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { collectInventory } from '../../../../agent/inventory/collect.ts';

const folder = mkdtempSync(join(tmpdir(), 'sx-inventory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('tells what this machine is made of as plain JSON', async () => {
  const { facts, collectedUnixMs } = await collectInventory();
  expect(collectedUnixMs).toBeGreaterThan(1.7e12);
  expect(facts).toMatchObject({ os: { architecture: process.arch }, memory: {}, cpu: {} });
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
});

test('keeps what was answered when a question hangs, and names the rest', async () => {
  const program = join(folder, 'hanging.mjs');
  writeFileSync(
    program,
    `console.log(JSON.stringify({ name: 'cpu', facts: { cores: 2 } }));
     console.log(JSON.stringify({ name: 'bios', error: 'no permission' }));
     setInterval(() => {}, 1000);`,
  );
  const { facts } = await collectInventory({ program, timeoutMs: 5_000 });
  expect(facts).toEqual({
    cpu: { cores: 2 },
    missing: { bios: 'no permission', rest: 'the inventory ended with SIGKILL' },
  });
});

test('a reader that has seen enough is no failure', async () => {
  const program = new URL('../../../../cli/main.ts', import.meta.url).pathname;
  const asked = spawn(process.execPath, [program, 'agent', 'inventory'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  asked.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  asked.stdout.once('data', () => asked.stdout.destroy());
  const [code] = await once(asked, 'close');
  expect([code, complaints.includes('EPIPE')]).toEqual([0, false]);
}, 60_000);
