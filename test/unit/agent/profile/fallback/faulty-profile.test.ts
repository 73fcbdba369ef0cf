import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptFile } from '../../../../../agent/profile/fallback/kept-file.ts';
import { profileDefaults, sectionNames } from '../../../../../agent/profile/profile.ts';
import { answerProfile } from '../../../../../agent/profile/pushed/answer.ts';
import type { ReadProfile } from '../../../../../agent/profile/read.ts';
import { makeKey, profile as pushedProfile, signed } from '../pushed/site.ts';

let dataDir: string;
let base: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-faulty-'));
  base = join(dataDir, 'base.yaml');
  writeFileSync(
    base,
    `name: base
description: d
metrics: { enabled: true, interval: 30s }
journal: { enabled: true, priority: critical }
files: { follow: [/var/log/a.log, /var/log/b.log], exclude: [/var/log/secret*] }
bundle: { system: { description: d, items: [{ name: one, command: [uname] }] } }
`,
  );
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const site = (text: string) => writeFileSync(join(dataDir, 'profile.yaml'), text);
const read = (pushed?: Parameters<typeof answerProfile>[0]['pushed']): ReadProfile =>
  answerProfile({ names: [base], dataDir, ...(pushed && { pushed }) });
/** Reads without fault and keeps, as an agent does at its start. */
function start(): ReadProfile {
  const answer = read();
  expect(answer.fault).toBeUndefined();
  mkdirSync(join(dataDir, 'agent', 'profiles'), { recursive: true });
  writeFileSync(keptFile(dataDir), answer.local ?? '');
  return answer;
}
const collectsNothing = ({ profile }: ReadProfile) => {
  const { name: _, description: __, ...sections } = profile;
  expect(sections).toEqual(profileDefaults);
};

const quiet =
  'files: { follow: ["!/var/log/b.log"] }\njournal: null\nbundle: { system: { items: [{ name: one, remove: true }] } }\n';

test.each([
  ['text that is no YAML', 'files: [\n'],
  ['nothing at all, as after a power cut', ''],
  ['a value that will not do', `${quiet}metrics: { interval: 5 parsecs }\n`],
  ['a section that is not known', `${quiet}metrcs: { enabled: false }\n`],
  ['an include that is not there', `${quiet}include: nowhere.yaml\n`],
  ['lists in lists without end', `files: ${'['.repeat(100_000)}`],
])('%s in profile.yaml leaves what was last read without fault, removals included', (_, text) => {
  site(quiet);
  const before = start();
  site(text);
  const { profile, fault, local } = read();
  expect(profile).toEqual(before.profile);
  expect(profile.journal.enabled).toBe(false);
  expect(profile.files.follow).toEqual(['/var/log/a.log']);
  expect(profile.bundle.system?.items).toEqual([]);
  expect(fault).toMatchObject({ instead: 'the profile as it was last read without fault holds', off: [] });
  expect(fault?.text).toMatch(/profile\.yaml:\d+: /);
  expect(local, 'nothing to be kept').toBeUndefined();
});

const things: [string, string, (path: string) => void][] = [
  ['a pipe', 'it is a pipe, not a file', (path) => execFileSync('mkfifo', [path])],
  ['a device', 'it is a device, not a file', (path) => symlinkSync('/dev/zero', path)],
  ['a folder', 'it is a folder, not a file', (path) => mkdirSync(path)],
  ['a link that leads nowhere', 'it is a link that leads nowhere', (path) => symlinkSync('/nowhere/site.yaml', path)],
  ['a file without end', 'it has more than 4194304 bytes', (path) => writeFileSync(path, '#'.repeat(2 ** 22 + 1))],
];

test.skipIf(process.platform === 'win32').each(things)('%s in the place of profile.yaml is a fault', (_, why, make) => {
  site(quiet);
  const before = start();
  const file = join(dataDir, 'profile.yaml');
  rmSync(file);
  make(file);
  const { profile, fault, local } = read();
  expect(profile).toEqual(before.profile);
  expect(fault?.text).toContain(`${file}:1: cannot be read: ${why}`);
  expect(local, 'nothing to be kept').toBeUndefined();
  rmSync(keptFile(dataDir));
  collectsNothing(read());
});

test.skipIf(process.platform === 'win32')('a pipe that agent.profile or an include names is a fault', () => {
  const pipe = join(dataDir, 'pipe.yaml');
  execFileSync('mkfifo', [pipe]);
  const named = answerProfile({ names: [pipe], dataDir });
  collectsNothing(named);
  expect(named.fault?.text).toContain(`agent.profile: cannot read the profile ${pipe}: it is a pipe, not a file`);
  site('name: s\ninclude: pipe.yaml\n');
  expect(read().fault?.text).toContain('profile.yaml:2: include: cannot read the profile pipe.yaml: it is a pipe');
});

test('a profile that agent.profile names and that is gone leaves what was', () => {
  site(quiet);
  const before = start();
  const { profile, fault } = answerProfile({ names: [join(dataDir, 'gone.yaml')], dataDir });
  expect(profile).toEqual(before.profile);
  expect(fault?.text).toContain('there is no');
});

test('without anything kept, a section with a fault collects nothing and the others hold', () => {
  site(`${quiet}hardware: { disks: { every: never } }\nfiles:\n  exclude: ["/opt/*", 7]\n`.replace(/^files:.*\n/, ''));
  const { profile, fault } = read();
  expect(fault).toMatchObject({
    instead: 'what is without fault holds, without hardware, files, which collect nothing',
    off: ['hardware', 'files'],
  });
  expect(profile.files).toEqual(profileDefaults.files);
  expect(profile.hardware).toEqual(profileDefaults.hardware);
  expect(profile.metrics).toMatchObject({ enabled: true, interval: 30_000 });
  expect(profile.journal.enabled, 'as the site has it').toBe(false);
});

test.each([
  ['text that is no YAML', 'files: [\n'],
  ['nothing at all', ''],
  ['a section that is not known', 'journl: { enabled: false }\n'],
  ['an include that is not there', 'include: nowhere.yaml\n'],
])('without anything kept, %s stops all collecting: nobody knows what it would have switched off', (_, text) => {
  site(text);
  const answer = read();
  collectsNothing(answer);
  expect(answer.fault?.off).toEqual(sectionNames);
});

test('a kept copy that is damaged counts as none', () => {
  site(quiet);
  start();
  for (const damaged of ['', '{}', '{"named":[{"file":1}],"site":[]}', 'null']) {
    writeFileSync(keptFile(dataDir), damaged);
    site('files: [\n');
    collectsNothing(read());
  }
});

test('of what an earlier release kept, what this one does not take any more is off, and nothing comes in its place', () => {
  site(quiet);
  start();
  const kept = JSON.parse(readFileSync(keptFile(dataDir), 'utf8'));
  kept.site[0].content.files.encoding = 'of before';
  kept.site[0].content.gone = { enabled: true };
  writeFileSync(keptFile(dataDir), JSON.stringify(kept));
  site('files: [\n');
  const { profile, fault } = read();
  expect(fault).toMatchObject({
    instead: expect.stringMatching(/^the profile as .* without files, which/),
    off: ['files'],
  });
  expect(profile.files).toEqual(profileDefaults.files);
  expect(profile.journal.enabled).toBe(false);
  expect(profile.metrics.enabled).toBe(true);
});

test('a pushed profile holds on under the kept site file, and opens no section that is off', () => {
  const key = makeKey();
  const file = join(dataDir, 'held.json');
  const text = 'metrics: { interval: 5s, processes: { top: 0 } }\nfiles: { priority: bulk }\n';
  const held = {
    keys: [{ publicKey: key.publicKey.line, signature: null }],
    profiles: [signed(pushedProfile('slow', text), key)],
    floors: {},
  };
  writeFileSync(file, JSON.stringify(held));
  const pushed = { file, believedKey: key.publicKey.line, node: 'n1', allowed: [] };
  site(`${quiet}metrics: { interval: 1m }\n`);
  start();
  site('files: [\n');
  const over = read(pushed);
  expect(over.pushed).toMatchObject([{ name: 'slow', state: 'applied' }]);
  expect(over.profile.metrics).toMatchObject({ interval: 60_000, processes: { top: 0 } });
  expect(over.profile.files).toMatchObject({ priority: 'bulk', follow: ['/var/log/a.log'] });
  rmSync(keptFile(dataDir));
  collectsNothing(read(pushed));
});
