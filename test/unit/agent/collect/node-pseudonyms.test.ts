import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openNodePseudonyms } from '../../../../agent/collect/node-pseudonyms.ts';
import { createPseudonyms } from '../../../../bundle/redaction/pseudonyms.ts';

const key = Buffer.alloc(32, 3);
const made = createPseudonyms(key);

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-names-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('knows names over restarts, of hosts with their domain too, and addresses without having been told', () => {
  const folder = newFolder();
  const first = openNodePseudonyms(folder, key);
  first.record('host', 'WEB-01');
  first.record('domain', 'corp.example');
  first.save();
  const again = openNodePseudonyms(folder, key);
  const whole = made.hostName('web-01.corp.example');
  expect(again.reveal(` ${whole.toUpperCase()}\n`)).toMatchObject({ kind: 'host', original: 'web-01.corp.example' });
  expect(again.reveal(made.ipv4([10, 1, 2, 3]) ?? '')).toMatchObject({ kind: 'address', original: '10.1.2.3' });
  expect(again.reveal(made.name('user', 'nobody-knows'))).toBeUndefined();
  expect(statSync(join(folder, 'names.json')).mode & 0o777).toBe(0o600);
});

test('keeps the newest of more names than it may, and begins anew on a damaged file', () => {
  const folder = newFolder();
  const many = openNodePseudonyms(folder, key, 3);
  for (let at = 0; at < 4; at++) many.record('user', `u${at}`);
  many.record('user', 'u1');
  many.save();
  const kept = openNodePseudonyms(folder, key);
  expect(kept.reveal(made.name('user', 'u0'))).toBeUndefined();
  expect(kept.reveal(made.name('user', 'u1'))).toMatchObject({ original: 'u1' });
  writeFileSync(join(folder, 'names.json'), '{"names":[["host",7]]}');
  expect(openNodePseudonyms(folder, key).reveal(made.name('user', 'u1'))).toBeUndefined();
});

test('holds no more names in memory than it keeps, and no name that is too long to be read again', () => {
  const folder = newFolder();
  const many = openNodePseudonyms(folder, key, 2);
  for (const name of ['u0', 'u1', 'u2', 'x'.repeat(1025)]) many.record('user', name);
  expect(many.reveal(made.name('user', 'u0'))).toBeUndefined();
  many.save();
  expect(openNodePseudonyms(folder, key).reveal(made.name('user', 'u2'))).toMatchObject({ original: 'u2' });
});
