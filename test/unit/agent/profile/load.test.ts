import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProfile, parseProfile } from '../../../../agent/profile/load.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-profile-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const faultsOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(SextantError);
    expect((error as SextantError).code).toBe('SX_CONFIG_INVALID');
    return (error as SextantError).message;
  }
  throw new Error('expected faults');
};

const notCollecting = ['alerts.yaml'];
const shipped = readdirSync('profiles').filter((name) => name.endsWith('.yaml') && !notCollecting.includes(name));

test.each(shipped)('%s is without fault and has a name, a description and items of different names', (file) => {
  const { profile, layers } = loadProfile({ names: [file.replace('.yaml', '')] });
  expect(layers.at(-1)?.name).toBe(file.replace('.yaml', ''));
  for (const layer of layers) expect(layer.description).not.toBe('');
  for (const { items } of Object.values(profile.bundle)) {
    const names = items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const item of items)
      expect(
        item.files ?? item.command ?? item.registry ?? item.eventLogs ?? item.journal ?? item.status,
      ).toBeDefined();
  }
});

test('collects nothing that no layer asks for', () => {
  const { profile } = parseProfile('name: empty\ndescription: nothing', 'empty.yaml');
  expect(profile.metrics).toMatchObject({ enabled: false, interval: 10_000, priority: 'normal' });
  expect(profile.files.follow).toEqual([]);
  expect(profile.bundle).toEqual({});
});

test('merges maps by key, texts as a set, items by name, and takes out what a later layer does not want', () => {
  const base = write(
    'base.yaml',
    `name: base
description: d
metrics: { enabled: true, interval: 30s }
files:
  follow: [/var/log/a.log, /var/log/b.log]
bundle:
  system:
    description: d
    items:
      - { name: one, command: [uname, -a], timeout: 5s }
      - { name: two, command: [uptime] }
      - { name: three, files: [/etc/hosts] }
  network: { description: d, items: [] }
`,
  );
  const top = write(
    'top.yaml',
    `name: top
include: ./base.yaml
metrics: { interval: 1m }
journal: { enabled: true }
files:
  follow: ["!/var/log/a.log", /var/log/c.log, /var/log/b.log]
bundle:
  network: null
  system:
    items:
      - { name: one, command: [uname], maxBytes: 1MiB }
      - { name: two, remove: true }
      - { name: three, enabled: false }
      - { name: four, command: [id] }
`,
  );
  const { profile, layers } = loadProfile({ names: [top] });
  expect(layers.map(({ file }) => file)).toEqual([base, top]);
  expect(profile.name).toBe('base+top');
  expect(profile.metrics).toMatchObject({ enabled: true, interval: 60_000, priority: 'normal' });
  expect(profile.journal.enabled).toBe(true);
  expect(profile.files.follow).toEqual(['/var/log/b.log', '/var/log/c.log']);
  expect(profile.bundle).toEqual({
    system: {
      description: 'd',
      items: [
        { name: 'one', command: ['uname'], timeout: 5000, maxBytes: 1_048_576 },
        { name: 'three', files: ['/etc/hosts'], enabled: false },
        { name: 'four', command: ['id'] },
      ],
    },
  });
});

test('lays profile.yaml of the data folder over all, and a removed key falls back to its default', () => {
  const fast = write('fast.yaml', 'name: fast\ndescription: d\nmetrics: { enabled: true, interval: 1s }\n');
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'profile.yaml'), 'metrics: { interval: ~ }\n');
  const { profile, layers } = loadProfile({ names: [fast], dataDir: join(folder, 'data') });
  expect(profile.metrics).toMatchObject({ enabled: true, interval: 10_000, priority: 'normal' });
  expect(layers).toHaveLength(2);
});

test('reads a profile once that two include, and in the order of the names', () => {
  write('base.yaml', 'name: base\ndescription: d\nmetrics: { interval: 7s }\n');
  const one = write('one.yaml', 'name: one\ninclude: [base.yaml]\nmetrics: { interval: 8s }\n');
  const two = write('two.yaml', 'name: two\ninclude: [base.yaml]\n');
  const { profile, layers } = loadProfile({ names: [one, two] });
  expect(layers.map(({ name }) => name)).toEqual(['base', 'one', 'two']);
  expect(profile.metrics.interval).toBe(8000);
});

test('reports all faults of all layers at once with file and line', () => {
  const base = write('base.yaml', 'name: base\nmetrics: { enabled: perhaps }\njournal:\n  priority: urgent\n');
  const top = write(
    'top.yaml',
    [
      'name: top',
      'include: base.yaml',
      'files:',
      '  follows: []',
      'metrics: { enabled: true, interval: 5 parsecs }',
      'bundle:',
      '  system:',
      '    items:',
      '      - { name: Not A Name }',
      'nonsense: 1',
    ].join('\n'),
  );
  const faults = faultsOf(() => loadProfile({ names: [top, 'no-such-profile'] }));
  expect(faults).toContain(`${base}:2: metrics.enabled: must be boolean`);
  expect(faults).toContain(`${base}:4: journal.priority: must be one of critical, normal, bulk`);
  expect(faults).toContain(`${top}:4: files.follows: is not known here; perhaps follow`);
  expect(faults).toMatch(
    /top\.yaml:5: metrics\.interval: "5 parsecs" will not do; expected a duration .*from 1s to 20d/,
  );
  expect(faults).toMatch(/top\.yaml:9: bundle\.system\.items\.0\.name: /);
  expect(faults).toMatch(/top\.yaml:8: bundle\.system: description is missing/);
  expect(faults).toContain(`${top}:10: nonsense: is not known here`);
  expect(faults).toContain('agent.profile: cannot read the profile no-such-profile');
});

test('says which include cannot be read or goes in a circle', () => {
  const one = write('one.yaml', 'name: one\ninclude: [two.yaml, three.yaml]\n');
  write('two.yaml', 'name: two\n\ninclude: one.yaml\n');
  const faults = faultsOf(() => loadProfile({ names: [one] }));
  expect(faults).toMatch(/two\.yaml:3: include: one\.yaml includes this profile again/);
  expect(faults).toMatch(/one\.yaml:2: include: cannot read the profile three\.yaml: there is no /);
});

test('reports text that is no YAML with its line', () => {
  expect(faultsOf(() => parseProfile('name: a\nfiles: [\n', 'site.yaml'))).toMatch(/site\.yaml:\d: /);
  expect(faultsOf(() => parseProfile('just a text', 'site.yaml'))).toContain('site.yaml:1: a profile is made of');
  expect(faultsOf(() => parseProfile('metrics: {}\nmetrics: {}\n', 'site.yaml'))).toMatch(/site\.yaml:2: /);
});

test('does not grow without bound on aliases that multiply', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i += 1)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  expect(faultsOf(() => parseProfile(lines.join('\n'), 'bomb.yaml'))).toContain('has at most 50000 values');
});

test('keeps a key called __proto__ a key', () => {
  expect(faultsOf(() => parseProfile('__proto__: { enabled: true }\n', 'site.yaml'))).toContain(
    'site.yaml:1: __proto__',
  );
});

test('the linux profile has what a bundle asks for', () => {
  expect(readFileSync('profiles/linux.yaml', 'utf8')).toContain('name: linux');
  expect(Object.keys(loadProfile({ names: ['linux'] }).profile.bundle)).toEqual(
    expect.arrayContaining(['system', 'logs', 'journal', 'network', 'storage', 'sextant']),
  );
});
