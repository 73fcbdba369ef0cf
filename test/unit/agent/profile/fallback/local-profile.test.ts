import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OwnEvent } from '../../../../../agent/own-events.ts';
import { keptFile } from '../../../../../agent/profile/fallback/kept-file.ts';
import { createLocalProfile } from '../../../../../agent/profile/fallback/local-profile.ts';
import type { ReadProfile } from '../../../../../agent/profile/read.ts';
import { emptyProfile } from '../../sources/source-context.ts';

let dataDir: string;
let told: OwnEvent[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-local-'));
  told = [];
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const create = (folder = dataDir) =>
  createLocalProfile({ tell: (event) => told.push(event), log: pino({ level: 'silent' }) }, { dataDir: folder });
const read = (over: Partial<ReadProfile>): ReadProfile => ({ profile: emptyProfile, pushed: [], roles: [], ...over });
const faulty = read({ fault: { text: 'profile.yaml:3: x', instead: 'something else holds', off: [] } });

test('tells a fault once, and its end when what was read without it is in effect', () => {
  const local = create();
  local.found(faulty);
  local.found(faulty);
  expect(told).toEqual([
    { eventName: 'sextant.agent.profile.fault', severity: 'error', body: expect.stringContaining('profile.yaml:3: x') },
  ]);
  expect(local.health()).toMatchObject([{ name: 'profile', state: 'failing' }]);
  local.found(read({ local: '{}' }));
  expect(local.fault(), 'it is not in effect yet').not.toBeNull();
  local.inEffect();
  expect(local.fault()).toBeNull();
  expect(local.health()).toEqual([]);
  expect(told.at(-1)).toMatchObject({ severity: 'info' });
  expect(told).toHaveLength(2);
});

test('keeps what has no fault, for its owner alone, and leaves it when a fault comes', () => {
  const local = create();
  local.found(read({ local: 'one' }));
  local.found(read({ local: 'two' }));
  local.found(faulty);
  expect(readFileSync(keptFile(dataDir), 'utf8')).toBe('two');
  expect(statSync(keptFile(dataDir)).mode & 0o077).toBe(0);
});

test('runs on where nothing can be kept, and tells of thousands of faults in few words', () => {
  writeFileSync(join(dataDir, 'agent'), 'a file where a folder belongs');
  const local = create();
  local.found(read({ local: 'one' }));
  local.found(read({ fault: { text: 'x'.repeat(1e6), instead: 'y', off: [] } }));
  expect(local.fault()?.length).toBeLessThan(10_000);
  expect(local.health()[0]?.detail?.length).toBeLessThanOrEqual(1024);
});
