import { expect, test } from 'vitest';
import { redactCoverage } from '../../../bundle/redact-coverage.ts';
import { createRedactor } from '../../../bundle/redaction/redactor.ts';
import { unanswered } from '../../../bundle/unanswered.ts';
import { sampleCoverage } from './sample-bundle.ts';

const [node, source] = [sampleCoverage().nodes[0], sampleCoverage().sources[0]];
if (!node || !source) throw new Error('a sample without a node and a source');

const lacking = () =>
  sampleCoverage({
    nodes: [
      { ...node, node: 'vm', clockOffsetMs: null },
      { ...node, node: 'lost', state: 'unreachable' },
    ],
    sources: [
      { ...source, node: 'vm', source: 'logs/auth', state: 'denied', reason: 'permission denied' },
      { ...source, node: 'vm', source: 'telemetry/metrics', state: 'absent', bytes: 0 },
      { ...source, node: 'vm', source: 'telemetry/logs', state: 'partial', leftOut: { bytes: 2048, records: 9 } },
      {
        ...{ ...source, node: 'vm', source: 'telemetry/logs' },
        gaps: [
          { kind: 'silence', from: '2026-11-20T09:50:00Z', until: '2026-11-20T09:55:00Z', what: 'files was silent' },
        ],
      },
      { ...source, node: 'lost', source: 'logs/auth', state: 'failed' },
    ],
  });

test('says which questions stay open: whole nodes first, then times, limits, sources, clocks', () => {
  expect(unanswered(lacking())).toEqual([
    'What only lost could tell: files, command output and own journal were not gathered.',
    'What else stood in telemetry/logs of vm: a limit of size left out some 2 KiB.',
    'What happened on vm from 2026-11-20 09:50:00 to 2026-11-20 09:55:00 (UTC) by telemetry/logs: files was silent.',
    'How loaded vm was: no metrics of the window are stored.',
    'What logs/auth (denied) of vm would have told in full.',
    'In which order things happened on vm and elsewhere: the offset of these clocks is not known.',
  ]);
  expect(unanswered(sampleCoverage())).toEqual([]);
});

test('Parquet that could not be made leaves no question open: its lines are there', () => {
  const whole = { ...source, node: node.node, state: 'ok' as const };
  const sources = ['telemetry/logs-parquet', 'telemetry/metrics-parquet'].map((name) => ({
    ...{ ...whole, source: name, state: 'failed' as const, bytes: 0 },
  }));
  expect(unanswered(sampleCoverage({ sources: [{ ...whole, source: 'telemetry/logs' }, ...sources] }))).toEqual([]);
});

test('what leaves the site has no node by its own name, however short that is', () => {
  const redactor = createRedactor({
    key: Buffer.alloc(32, 7),
    profile: 'standard',
    names: [{ kind: 'host', name: 'vm' }],
  });
  const coverage = lacking();
  const { unanswered: questions } = redactCoverage({ ...coverage, unanswered: unanswered(coverage) }, redactor);
  expect(questions).toHaveLength(6);
  expect(questions?.join('\n')).not.toMatch(/\bvm\b/);
  expect(questions?.join('\n')).toContain(redactor.node('vm'));
});

test('a node that one part of a merged bundle could not reach, and another one gathered from, leaves no question', () => {
  const nodes = [
    { ...node, state: 'unreachable' as const, reason: 'not connected' },
    { ...node, state: 'gathered' as const },
  ];
  expect(unanswered(sampleCoverage({ nodes })).join()).not.toContain('What only');
});

test('where only what is stored was asked for, it says that nodes were not asked', () => {
  const sample = sampleCoverage();
  const asked = (roles: string[]) => unanswered({ ...sample, bundle: { ...sample.bundle, roles } });
  expect(asked(['none'])).toEqual([
    'What files, command output and journals of the nodes would have told: only what is stored was asked for.',
  ]);
  expect(asked(['storage', 'logs'])).toEqual([
    'What other roles would have brought: only storage, logs of the nodes were asked for.',
  ]);
});

test('each class that was not asked for leaves its question open, and a lost node only what was asked of it', () => {
  const { bundle } = sampleCoverage();
  const lost = { ...node, node: 'lost', state: 'unreachable' as const };
  const asked = (classes: NonNullable<typeof bundle.classes>) =>
    unanswered(sampleCoverage({ nodes: [lost], sources: [], bundle: { ...bundle, classes } }));
  expect(asked(['files', 'logs'])).toEqual([
    'What only lost could tell: files were not gathered.',
    'What programs on the nodes would have said of them: the class commands was not asked for.',
    'What stood in the journals of the nodes: the class journal was not asked for.',
    'How loaded anything was: the class metrics was not asked for, so that there are no charts and no analyzer had samples to look at.',
  ]);
  expect(asked(['metrics'])).toEqual([
    'What only lost had and had not sent yet.',
    'What stood in files and registry keys of the nodes: the class files was not asked for.',
    'What programs on the nodes would have said of them: the class commands was not asked for.',
    'What stood in the journals of the nodes: the class journal was not asked for.',
    'What was logged, as it is stored: the class logs was not asked for.',
  ]);
});

test('with no role at all, the classes of nodes are one question', () => {
  const { bundle } = sampleCoverage();
  expect(unanswered(sampleCoverage({ bundle: { ...bundle, roles: ['none'], classes: ['logs'] } }))).toEqual([
    'What files, command output and journals of the nodes would have told: only what is stored was asked for.',
    'How loaded anything was: the class metrics was not asked for, so that there are no charts and no analyzer had samples to look at.',
  ]);
});
