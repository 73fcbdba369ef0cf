import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { readCheckedYaml } from '../../config/checked-yaml.ts';
import { root } from '../../config/root.ts';
import { hyphenatedWords, textPattern } from '../../config/text-pattern.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { checkNames } from './checks.ts';

/**
 * An analyzer is data: what it looks for, how much of it is a finding, and what a person is told. There are three
 * conditions (log records, metrics, paths of files) and, for what they cannot say, small named functions (`checks.ts`).
 */

const Id = Type.String({ pattern: textPattern('^[a-z0-9][a-z0-9-]*$', hyphenatedWords), maxLength: 64 });
const Text = Type.String({ minLength: 1, maxLength: 2000 });
const Texts = Type.Union([Text, Type.Array(Text, { minItems: 1, maxItems: 50 })]);
const Duration = Type.String({
  pattern: textPattern('^[0-9]+(s|m|h|d)$', 'must be a duration such as 30s, 15m or 2h'),
});
const Strings = Type.Record(Type.String(), Type.String());

const LogMatch = Type.Object(
  {
    provider: Type.Optional(Texts),
    channel: Type.Optional(Texts),
    eventId: Type.Optional(
      Type.Union([Type.Integer(), Type.Array(Type.Integer(), { minItems: 1, maxItems: 50 })], {
        description: 'of a Windows event',
      }),
    ),
    data: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'named fields of a Windows event' })),
    attributes: Type.Optional(Strings),
    has: Type.Optional(
      Type.Union([Text, Type.Array(Text, { minItems: 1, maxItems: 50 })], {
        description: 'one of these stands in the text, in exactly these letters; asked before the pattern is',
      }),
    ),
    text: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 500,
        description: 'pattern of the text; (?<subject>…) is what it is about',
      }),
    ),
  },
  { additionalProperties: false },
);
export type LogMatch = Static<typeof LogMatch>;

const MetricCondition = Type.Object(
  {
    name: Text,
    where: Type.Optional(Strings),
    by: Type.Optional(Type.Array(Text, { maxItems: 4, description: 'attributes that make the subject' })),
    statistic: Type.Union(
      ['last', 'max', 'min', 'increase'].map((one) => Type.Literal(one as 'last' | 'max' | 'min' | 'increase')),
    ),
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
    share: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'of the samples, that must lie beyond the limit as well' }),
    ),
    scale: Type.Optional(Type.Number({ description: 'value and limit are told multiplied by this' })),
    unit: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type MetricCondition = Static<typeof MetricCondition>;

const CheckCondition = Type.Object(
  {
    name: Type.Union(checkNames.map((name) => Type.Literal(name))),
    metrics: Type.Optional(Strings),
    where: Type.Optional(
      Type.Record(Type.String(), Texts, { description: 'attributes that series must have, each one of these values' }),
    ),
    parameters: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Array(Type.String())])),
    ),
  },
  { additionalProperties: false },
);
export type CheckCondition = Static<typeof CheckCondition>;

/** One example: records, samples and paths, in short form (`examples.ts` reads it). */
const Example = Type.Union([
  Type.Record(Type.String(), Type.Unknown()),
  Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1 }),
]);

const AnalyzerText = Type.Object(
  {
    id: Id,
    title: Text,
    severity: Type.Union([Type.Literal('critical'), Type.Literal('warning'), Type.Literal('info')]),
    category: Type.Union(
      [
        'storage',
        'cluster',
        'network',
        'memory',
        'compute',
        'hardware',
        'identity',
        'updates',
        'system',
        'evidence',
      ].map((one) => Type.Literal(one)),
    ),
    logs: Type.Optional(Type.Array(LogMatch, { minItems: 1, description: 'a record counts when one of them fits' })),
    subject: Type.Optional(
      Type.Array(Text, { description: 'attributes of the record; the first that it has is the subject' }),
    ),
    atLeast: Type.Optional(Type.Integer({ minimum: 1, description: 'records; 1 when absent' })),
    within: Type.Optional(Duration),
    metric: Type.Optional(MetricCondition),
    files: Type.Optional(
      Type.Object({ path: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false }),
    ),
    check: Type.Optional(CheckCondition),
    overrides: Type.Optional(
      Type.Array(Id, { description: 'analyzers whose findings of the same node and subject it says more strongly' }),
    ),
    finding: Text,
    next: Text,
    examples: Type.Object(
      { finds: Type.Array(Example, { minItems: 1 }), ignores: Type.Array(Example, { minItems: 1 }) },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
const AnalyzerFile = Type.Object({ analyzers: Type.Array(AnalyzerText) }, { additionalProperties: false });
export type Analyzer = Static<typeof AnalyzerText>;

export const severities = ['critical', 'warning', 'info'] as const;
export type FindingSeverity = (typeof severities)[number];

/** What a finding's text may name. */
const placeholders = [
  'node',
  'subject',
  'count',
  'first',
  'last',
  'channel',
  'value',
  'limit',
  'unit',
  'detail',
  'expiry',
];

const folder = join(root, 'profiles', 'analyzers');

/** Read once: it takes a tenth of a second, and the files come with the program. */
let shipped: Analyzer[] | undefined;
const readShipped = (): Analyzer[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .flatMap((name) => readAnalyzers(join(folder, name)));

/** Every shipped analyzer, and those of further files. Throws SX_CONFIG_INVALID that names each fault. */
export function loadAnalyzers(more: readonly string[] = []): Analyzer[] {
  shipped ??= readShipped();
  const analyzers = [...shipped, ...more.flatMap(readAnalyzers)];
  const twice = analyzers.find(({ id }, at) => analyzers.findIndex((other) => other.id === id) !== at);
  if (twice) throw new SextantError('SX_CONFIG_INVALID', `there are two analyzers ${twice.id}`);
  return analyzers;
}

function readAnalyzers(file: string): Analyzer[] {
  const { analyzers } = readCheckedYaml(AnalyzerFile, readFileSync(file, 'utf8'), { what: 'analyzers', file });
  for (const analyzer of analyzers) {
    const fault = faultOf(analyzer);
    if (fault) throw new SextantError('SX_CONFIG_INVALID', `${file}: ${analyzer.id}: ${fault}`);
  }
  return analyzers;
}

function faultOf(analyzer: Analyzer): string | undefined {
  const conditions = [analyzer.logs, analyzer.metric, analyzer.files, analyzer.check].filter(Boolean);
  if (conditions.length !== 1) return 'exactly one of logs, metric, files and check must be there';
  for (const [, name] of analyzer.finding.matchAll(/\{(\w+)\}/g)) {
    if (!placeholders.includes(name ?? '')) return `there is nothing to put for {${name}}`;
    if (name === 'expiry' && analyzer.metric?.unit !== 'days') return '{expiry} needs a metric in days';
  }
  for (const match of analyzer.logs ?? []) {
    if (match.eventId === undefined && match.has === undefined && match.attributes === undefined) {
      return 'a match needs eventId, has or attributes: else every record would be tried';
    }
    if (match.text !== undefined && match.has === undefined && match.eventId === undefined) {
      return 'a pattern needs `has` beside it';
    }
  }
  const { metric } = analyzer;
  if (metric && (metric.above === undefined) === (metric.below === undefined))
    return 'either above or below must be there';
  for (const pattern of [analyzer.files?.path, ...(analyzer.logs ?? []).map((match) => match.text)]) {
    try {
      if (pattern !== undefined) new RegExp(pattern);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}
