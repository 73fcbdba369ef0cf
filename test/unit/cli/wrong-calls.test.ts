import { expect, test } from 'vitest';
import { sextant } from './run-sextant.ts';

test.each([
  ['redaction', 'test', 'app.log', '--lines'],
  ['bundle', 'compare', 'a', 'b', '--limit'],
])('%s %s takes no number that is none', async (...call) => {
  for (const text of ['x', '-3', '']) {
    const { code, err } = await sextant([...call.slice(0, -1), `${call.at(-1)}=${text}`]);
    expect([code, err]).toEqual([2, expect.stringContaining('It is a number from 0 to 1000000.')]);
  }
});

test.each([
  [['help', 'foo'], "error: unknown command 'foo'\n(see `sextant help`)\n"],
  [['bundle', 'help', 'foo'], "error: unknown command 'foo'\n(see `sextant help`)\n"],
  [['help', 'bundel'], "error: unknown command 'bundel'\n(Did you mean bundle?)\n(see `sextant help`)\n"],
  [['help', 'bundle', 'verfy'], "error: unknown command 'verfy'\n(Did you mean verify?)\n(see `sextant help`)\n"],
  // `nodes` does something by itself, which help must not.
  [['help', 'nodes', 'revok'], "error: unknown command 'revok'\n(Did you mean revoke?)\n(see `sextant help`)\n"],
  [['help', 'logs', 'tail'], "error: unknown command 'tail': 'logs' has none\n(see `sextant help`)\n"],
  [['bundle', 'verfy', 'x'], "error: unknown command 'verfy'\n(Did you mean verify?)\n(see `sextant help`)\n"],
])('says that there is no such command, and which is near: %j', async (call, said) => {
  expect(await sextant(call)).toEqual({ code: 2, out: '', err: said });
});

test.each([
  [['help'], 'Usage: sextant [options] [command]'],
  [['help', 'bundle'], 'Usage: sextant bundle [options] [command]'],
  [['help', 'bundle', 'verify'], 'Usage: sextant bundle verify [options] <path...>'],
  [['bundle', 'help', 'verify'], 'Usage: sextant bundle verify [options] <path...>'],
])('prints help of what there is: %j', async (call, usage) => {
  const { code, out, err } = await sextant(call);
  expect([code, out.split('\n')[0], err]).toEqual([0, usage, '']);
});

/** Named, and never asked: what is wrong is found before. */
const elsewhere = ['--url', 'https://127.0.0.1:9', '--token-file', import.meta.filename];

test.each([
  [['keys', 'create', '--name', 'a/b'], 'take letters, digits, dots and hyphens, at most 64'],
  [['bundle', 'verify', '/', '--key', '/proc/self'], 'name the file of the key, or the folder that such files lie in'],
  [['bundle', 'delete', '--older-than', 'long', ...elsewhere], 'write one such as 30d or 12h'],
  [['bundle', 'create', '--offline', '--url', 'https://n1:8443', '--out', '/tmp'], 'leave out one of them'],
  [['nodes', '--url', 'http://n1:8443', '--data-dir', '/proc/none'], 'write it as https://HOST:8443'],
  [['token', 'create', '--ttl', 'long', ...elsewhere], 'write a time such as 30m, 12h or 7d'],
  [['redaction', 'test', import.meta.filename, '--name', 'db7'], 'write host:NAME, user:NAME or domain:NAME'],
])('says how to write what was written wrongly: %j', async (call, next) => {
  const { code, err } = await sextant(call);
  expect([code, err]).toEqual([2, expect.stringMatching(/^SX_BAD_REQUEST: /)]);
  expect(err).toContain(`\n  → ${next}\n`);
});

test('enrolment says that its token file is not there', async () => {
  const call = ['agent', 'enroll', '--collector', 'https://127.0.0.1:9', '--token-file', '/no/such/token'];
  const { code, err } = await sextant(call);
  expect(code).toBe(2);
  expect(err).toMatch(/^SX_NO_SUCH_PATH: --token-file: there is no \/no\/such\/token\n {2}→ correct the path/);
});
