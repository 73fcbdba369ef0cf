import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { formatIdentityFile, generateIdentity } from '../../../bundle/age/key.ts';
import { makeEvidence } from '../../e2e/evidence-bundle.ts';
import { sextant } from './run-sextant.ts';

const root = mkdtempSync(join(tmpdir(), 'sextant-wrong-'));
let sound: string;
let locked: string;
beforeAll(async () => {
  const evidence = { fromMs: Date.UTC(2026, 10, 20, 9, 45), everyMs: 60_000 };
  sound = await makeEvidence(join(root, 'site'), { ...evidence, id: 'aaaaaaaaaaaa' });
  const [mine, other] = [generateIdentity(), generateIdentity()];
  writeFileSync(join(root, 'me.key'), formatIdentityFile(mine, 0));
  writeFileSync(join(root, 'other.key'), formatIdentityFile(other, 0));
  const recipients = [mine.recipient, generateIdentity().recipient];
  locked = await makeEvidence(join(root, 'locked'), { ...evidence, id: 'bbbbbbbbbbbb', recipients });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const commands = (bundle: string): string[][] => [
  ['extract', bundle, '--to', 'out'],
  ['analyze', bundle],
  ['compare', bundle, sound],
  ['import', bundle, '--to', 'out'],
  ['open', bundle, '--case', 'out'],
];

/** What each reading command says of it; all the same, and none leaves anything behind. */
async function sayings(bundle: string, more: string[] = [], options: { open?: boolean } = {}) {
  const work = mkdtempSync(join(root, 'work-'));
  const said = new Set<string>();
  for (const call of commands(bundle)) {
    if (call[0] === 'open' && options.open === false) continue;
    const { code, out, err } = await sextant(['bundle', ...call, ...more], work);
    expect(out, call.join(' ')).toBe('');
    said.add(`${code} ${err}`);
  }
  expect(readdirSync(work)).toEqual([]);
  return [...said];
}

describe('what is no bundle', () => {
  test('a folder of something else says what a bundle is', async () => {
    const folder = join(root, 'pictures');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.jpg'), '');
    expect(await sayings(folder)).toEqual([
      `1 SX_BUNDLE_INVALID: ${folder} is no bundle: it has neither a manifest nor coverage.json\n  → name the folder that coverage.json lies in; unpack it first if the bundle came as one file\n`,
    ]);
  }, 60_000);

  test('the folder above says which bundles are in it', async () => {
    const [above, both] = [join(root, 'site'), join(root, 'both')];
    expect(await sayings(above)).toEqual([
      `1 SX_BUNDLE_INVALID: ${above} is no bundle: it has neither a manifest nor coverage.json\n  → there is one in it: ${sound}\n`,
    ]);
    for (const bundle of [sound, locked]) cpSync(bundle, join(both, basename(bundle)), { recursive: true });
    const names = readdirSync(both).sort();
    expect((await sextant(['bundle', 'extract', both])).err).toContain(
      `  → name one of those that are in it: ${names.map((name) => join(both, name)).join(', ')}\n`,
    );
  }, 60_000);

  test('a case says how it is opened', async () => {
    const folder = join(root, 'case');
    mkdirSync(folder);
    writeFileSync(join(folder, 'case.db'), '');
    expect(await sayings(folder, [], { open: false })).toEqual([
      `1 SX_BUNDLE_INVALID: ${folder} is a case and no bundle\n  → open it: sextant bundle open ${folder}\n`,
    ]);
  }, 60_000);

  test('what is left of a bundle is refused as one', async () => {
    const torn = join(root, 'torn', basename(sound));
    mkdirSync(join(torn, 'data'), { recursive: true });
    expect((await sextant(['bundle', 'import', torn, '--to', join(root, 'never')])).err).toMatch(
      /^SX_BUNDLE_INVALID: .* is refused:\n {2}tagmanifest-sha512.txt: missing\n/,
    );
  }, 30_000);
});

describe('an encrypted bundle', () => {
  test('says that it is encrypted without a key, and which other one is wanted with the wrong one', async () => {
    const name = basename(locked);
    expect(await sayings(locked)).toEqual([
      `2 SX_BAD_REQUEST: the volumes of ${name} are encrypted\n  → give the key file of one of its recipients: --identity FILE\n`,
    ]);
    expect(await sayings(locked, ['--identity', join(root, 'other.key')])).toEqual([
      `2 SX_BAD_REQUEST: ${name}: none of these identities opens it\n  → it is encrypted to 2 recipients: give the key file of one of them\n`,
    ]);
    const done = await sextant(
      ['bundle', 'extract', locked, '--to', join(root, 'opened'), '--identity', join(root, 'me.key')],
      root,
    );
    expect([done.code, done.err]).toEqual([0, '']);
  }, 90_000);
});

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.runIf(canMount)('a medium that may only be read', () => {
  test('bundles are read from it; what would be written to it says why not, and where to', async () => {
    const medium = join(root, 'medium');
    mkdirSync(medium);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', medium]);
    onTestFinished(() => void execFileSync('umount', ['-l', medium]));
    const bundle = join(medium, basename(sound));
    cpSync(sound, bundle, { recursive: true });
    execFileSync('mount', ['-o', 'remount,ro', medium]);
    const run = (...call: string[]) => sextant(['bundle', ...call], root);
    for (const call of [
      ['extract', bundle, '--to', 'from-medium'],
      ['import', bundle, '--to', 'case-of-medium'],
      ['compare', bundle, sound],
    ]) {
      expect(await run(...call), call.join(' ')).toMatchObject({ code: 0, err: '' });
    }
    for (const call of [
      ['import', bundle, '--to', join(medium, 'to')],
      ['open', bundle, '--case', join(medium, 'to')],
      ['extract', bundle, '--to', join(medium, 'to')],
    ]) {
      const { code, out, err } = await run(...call);
      expect([code, out, err], call.join(' ')).toEqual([
        ...[2, ''],
        expect.stringMatching(
          /^SX_BAD_REQUEST: cannot write to \S+\/medium\/to: EROFS: .*\n {2}→ name a folder that this user may write to.*\n$/,
        ),
      ]);
    }
  }, 120_000);
});
