import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadAlertRules } from '../../../../collector/alerts/alert-rule.ts';
import { loadSettings } from '../../../../config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'sextant-rules-'));
const settings = loadSettings({ dataDir: folder });

const rule = (over: string) => `rules:
  - id: one
    severity: warning
    description: d
    builtIn: failing-sources
    unit: u
    raiseAbove: 1
    holdFor: 30s
    goneAfter: 1h
    summary: s
    whatToDo: w
${over}`;

function load(text: string) {
  const path = join(folder, 'alerts.yaml');
  writeFileSync(path, text);
  return loadAlertRules(settings, path);
}

test('reads the shipped rules', () => {
  const rules = loadAlertRules(settings);
  expect(rules.map((one) => one.id)).toContain('filesystem-full');
  expect(rules.find((one) => one.id === 'node-silent')).toMatchObject({ limit: 30, clearAt: 30, countsDown: false });
});

test.each([
  ['    sql: filesystem-used-percent', 'needs sql or builtIn, not both'],
  ['    clearAtOrBelow: 2', 'clearAtOrBelow lies above raiseAbove'],
  ['    raiseBelow: 30', 'raiseBelow stands alone'],
  ['    overrides: [two]', 'overrides “two”, which is no rule'],
  ['    severitee: x', 'alerts.yaml:12'],
  ['  - {id: one}', 'alerts.yaml:12'],
  ['    holdFor: [', 'alerts.yaml:1'],
])('refuses a rule with %s and says why', (over, message) => {
  expect(() => load(rule(over))).toThrow(message);
});
