import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a process writes to its standard error, of which `told` says what systemd put into JOURNAL_STREAM. */
function stderrOf(args: string[], told: (stream: { dev: bigint; ino: bigint }) => string | undefined): string[] {
  const path = join(folder, 'stderr');
  const stderr = openSync(path, 'w');
  try {
    const stream = told(fstatSync(stderr, { bigint: true }));
    const { JOURNAL_STREAM: _, ...rest } = process.env;
    const env = { ...rest, ...(stream !== undefined && { JOURNAL_STREAM: stream }) };
    spawnSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', stderr], cwd: root });
  } finally {
    closeSync(stderr);
  }
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

const script = `
  const { createLog } = await import('./logging/log.ts');
  const log = createLog('agent', 'trace');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) log[level]({ of: level }, 'a\\nb\\u2028c');
  log.child({ part: 1 }).error('child');`;
const logging = ['--input-type=module', '-e', script];
const wrong = ['cli/main.ts', 'agent', 'run', '--data-dir', '/nonexistent/sextant'];
const isPosix = process.platform !== 'win32';

test.skipIf(!isPosix)('what goes to the journal says its priority, and stays JSON behind it', () => {
  const lines = stderrOf(logging, ({ dev, ino }) => `${dev}:${ino}`);
  expect(lines.map((line) => line.slice(0, 3))).toEqual(['<7>', '<7>', '<6>', '<4>', '<3>', '<2>', '<3>']);
  expect(lines.map((line) => JSON.parse(line.slice(3)).level)).toEqual([10, 20, 30, 40, 50, 60, 50]);
});

test.skipIf(!isPosix)('why a command ended is an error in the journal, line by line', () => {
  const lines = stderrOf(wrong, ({ dev, ino }) => `${dev}:${ino}`);
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line).toMatch(/^<3>(?:SX_[A-Z_]+: | {2}→ )/);
});

test.skipIf(!isPosix).each<[string, Parameters<typeof stderrOf>[1]]>([
  ['nobody tells of a journal', () => undefined],
  ['the journal is another stream: somebody has led this one elsewhere', ({ dev, ino }) => `${dev}:${ino + 1n}`],
  ['what is told is nothing known', () => 'journal'],
])('lines are JSON alone where %s', (_, told) => {
  const lines = stderrOf(logging, told);
  expect(lines).toHaveLength(7);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ name: 'agent' });
  expect(stderrOf(wrong, told)[0]).toMatch(/^SX_/);
});
