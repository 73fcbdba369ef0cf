import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPowerShell, scriptNames } from '../../../../agent/powershell/powershell.ts';
import { createProgramQueue } from '../../../../agent/programs/program-queue.ts';
import { programEnvironment } from '../../../../config/environment.ts';
import { root } from '../../../../config/root.ts';
import { createStandIn } from './stand-in.ts';

let standIn: ReturnType<typeof createStandIn>;
beforeEach(() => {
  standIn = createStandIn();
});
afterEach(() => standIn.remove());

const signal = new AbortController().signal;
const powerShell = (limits: { timeoutMs?: number; maxBytes?: number } = {}) =>
  createPowerShell(createProgramQueue(), { ...standIn.options, ...limits });

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // What nobody waits for stays as a zombie where there is no init that reaps.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('gives back the object that a script prints, byte order mark or not', async () => {
  standIn.write('one', { print: '\uFEFF{"nodes":[{"Name":"N1"}]}\r\n' });
  expect(await powerShell().ask('one', signal)).toEqual({ nodes: [{ Name: 'N1' }] });
});

test('reads names in an old code page as something rather than failing', async () => {
  standIn.write('one', { bytes: Buffer.from('{"name":"B\u00fcro"}', 'latin1').toString('hex') });
  expect(await powerShell().ask('one', signal)).toEqual({ name: 'Büro' });
});

test('passes parameters as they are', async () => {
  standIn.write('one', { arguments: true });
  expect(await powerShell().ask('one', signal, ['a,b', '$(x) "y"'])).toEqual({ arguments: ['a,b', '$(x) "y"'] });
});

test('a script that says that the role is absent gives undefined', async () => {
  standIn.write('one', { print: '{"absent":"no cluster here"}' });
  expect(await powerShell().ask('one', signal)).toBeUndefined();
});

test.each([
  [
    { exit: 1, error: 'Get-Cluster : The cluster service is not running.\nAt line:1' },
    'one.ps1 ended with 1: Get-Cluster : The cluster service is not running.',
  ],
  [{ print: '' }, 'one.ps1 printed no JSON: nothing'],
  [{ print: 'WARNING: something' }, 'one.ps1 printed no JSON: WARNING: something'],
  [{ print: '[1,2]' }, 'one.ps1 printed no JSON object'],
])('a script that does %j fails with its reason', async (order, message) => {
  standIn.write('one', order);
  await expect(powerShell().ask('one', signal)).rejects.toThrow(message);
});

test('gives up on a script that hangs', async () => {
  standIn.write('one', { hang: true });
  await expect(powerShell({ timeoutMs: 700 }).ask('one', signal)).rejects.toThrow('gave no answer within 0.7 s');
});

test('kills a script with all that it started', async () => {
  const pidFile = join(standIn.folder, 'child.pid');
  standIn.write('one', { child: pidFile });
  const stopping = new AbortController();
  const asked = expect(powerShell().ask('one', stopping.signal)).rejects.toThrow();
  const pid = await vi.waitFor(() => Number(readFileSync(pidFile, 'utf8')) || Promise.reject(new Error('not yet')), {
    timeout: 60_000,
  });
  stopping.abort();
  await asked;
  await vi.waitFor(() => expect(alive(pid)).toBe(false), { timeout: 20_000 });
});

test('stops a script that floods', async () => {
  standIn.write('one', { flood: true });
  await expect(powerShell({ maxBytes: 100_000 }).ask('one', signal)).rejects.toThrow('printed more than 100000 bytes');
});

test('runs one at a time, and what waits goes on after one that hung', async () => {
  standIn.write('hangs', { hang: true });
  standIn.write('works', { print: '{"ok":true}' });
  const shell = powerShell({ timeoutMs: 5_000 });
  const hanging = expect(shell.ask('hangs', signal)).rejects.toThrow('no answer');
  const works = shell.ask('works', signal);
  const early = await Promise.race([works.then(() => 'early'), hanging.then(() => 'in order')]);
  expect(early).toBe('in order');
  expect(await works).toEqual({ ok: true });
});

test('what waits when the agent stops is not started any more', async () => {
  standIn.write('hangs', { hang: true });
  standIn.write('never', { child: join(standIn.folder, 'never.pid') });
  const stopping = new AbortController();
  const shell = powerShell();
  const hanging = expect(shell.ask('hangs', stopping.signal)).rejects.toThrow();
  const never = expect(shell.ask('never', stopping.signal)).rejects.toThrow();
  stopping.abort();
  await Promise.all([hanging, never]);
  expect(existsSync(join(standIn.folder, 'never.pid'))).toBe(false);
});

test.each(scriptNames())('%s.ps1 says what it does, prints JSON, and is plain ASCII', (name) => {
  const text = readFileSync(join(root, 'profiles/powershell', `${name}.ps1`), 'utf8');
  expect(text).toMatch(/^# [A-Z].*\.$/m);
  expect(text).toMatch(/ConvertTo-Json -Depth \d -Compress\s*$/);
  // Windows PowerShell reads a script without byte order mark in the machine's own code page.
  expect([...text].every((character) => character.charCodeAt(0) < 128)).toBe(true);
  // Only read: nothing that changes a machine.
  expect(text.match(/\b(?:Set|New|Remove|Start|Stop|Restart|Invoke|Enable|Disable|Clear|Add)-[A-Z]\w+/g) ?? []).toEqual(
    [],
  );
});

test.each(scriptNames())('%s.ps1 finds what it reads of the environment', (name) => {
  const text = readFileSync(join(root, 'profiles/powershell', `${name}.ps1`), 'utf8');
  const given = programEnvironment('win32');
  for (const [, variable = ''] of text.matchAll(/\$env:(\w+)/g)) expect(given[variable], variable).toBeTruthy();
});
