import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadProfile, parseProfile } from '../../../../agent/profile/load.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';

test('loads every profile that collects', async () => {
  const linux = await loadProfile('linux');
  expect(linux.name).toBe('linux');
  expect(Object.keys(linux.bundle)).toEqual(
    expect.arrayContaining(['system', 'logs', 'journal', 'network', 'storage', 'sextant']),
  );
  expect(readdirSync('profiles')).toContain('linux.yaml');
});

test('gives every item of a role a name of its own', async () => {
  const { bundle } = await loadProfile('linux');
  for (const { items } of Object.values(bundle)) {
    const names = items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});

test('reports all faults at once with file and line', () => {
  const text = [
    'name: broken',
    'description: d',
    'metrics: { enabled: perhaps }',
    'hardware: { enabled: true }',
    'journal: { enabled: true }',
    'files:',
    '  follow: []',
    '  exclude: []',
    '  extra: 1',
    'bundle:',
    '  system:',
    '    description: d',
    '    items:',
    '      - { name: Not A Name }',
  ].join('\n');
  let fault: unknown;
  try {
    parseProfile(text, 'site.yaml');
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(SextantError);
  const { message, code } = fault as SextantError;
  expect(code).toBe('SX_CONFIG_INVALID');
  expect(message).toMatch(/site\.yaml:3: metrics\.enabled: /);
  expect(message).toMatch(/site\.yaml:9: files: there is no extra/);
  expect(message).toMatch(/site\.yaml:14: bundle\.system\.items\.0\.name: /);
});

test('reports text that is no YAML with its line', () => {
  expect(() => parseProfile('name: a\nfiles: [\n', 'site.yaml')).toThrow(/site\.yaml:\d: /);
});

test('says which profile cannot be read', async () => {
  await expect(loadProfile('no-such-profile')).rejects.toMatchObject({ code: 'SX_CONFIG_INVALID' });
});
