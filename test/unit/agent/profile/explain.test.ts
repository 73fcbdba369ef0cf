import { expect, test } from 'vitest';
import { explainText, explainValues } from '../../../../agent/profile/explain.ts';
import { loadProfile, parseProfile } from '../../../../agent/profile/load.ts';

test('names file and line of every value', () => {
  const { placed } = parseProfile(
    'name: a\ndescription: d\nmetrics:\n  interval: 15s\nfiles:\n  follow:\n    - /a\n    - /b\n',
    'site.yaml',
  );
  const values = explainValues(placed);
  expect(values).toContainEqual({ path: 'metrics.interval', value: '15s', file: 'site.yaml', line: 4 });
  expect(values).toContainEqual({ path: 'metrics.enabled', value: false, file: 'default', line: 0 });
  expect(values).toContainEqual({ path: 'files.follow.1', value: '/b', file: 'site.yaml', line: 8 });
});

test('names items of a list by their name', () => {
  const { placed } = loadProfile({ names: ['linux'] });
  const paths = explainValues(placed).map(({ path }) => path);
  expect(paths).toContain('bundle.system.items.uname.command');
});

test('prints YAML that reads as the same profile again', () => {
  for (const name of ['linux', 'azure-local']) {
    const { profile, placed } = loadProfile({ names: [name] });
    const again = parseProfile(`name: again\ndescription: d\n${explainText(placed, (file) => file)}`, 'again.yaml');
    expect({ ...again.profile, name: '', description: '' }).toEqual({ ...profile, name: '', description: '' });
  }
});

test('quotes what YAML or a terminal would take for something else', () => {
  const { placed } = parseProfile('name: a\nfiles:\n  follow: ["yes", "\\e[31m", "a: b", "#c", "12"]\n', 'site.yaml');
  const text = explainText(placed, (file) => file);
  expect(text).not.toContain('\u001b');
  expect(parseProfile(text, 'again.yaml').profile.files.follow).toEqual(['yes', '\u001b[31m', 'a: b', '#c', '12']);
});
