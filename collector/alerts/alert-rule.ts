import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Static, Type } from 'typebox';
import { type BundlePreset, bundlePresetNames } from '../../bundle/preset.ts';
import { readCheckedYaml } from '../../config/checked-yaml.ts';
import { type SettingName, type Settings, settingsTable } from '../../config/settings.ts';
import { hyphenatedWords, textPattern } from '../../config/text-pattern.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import { parseDurationMs } from '../query/time-value.ts';
import { faultAdvice } from './fault-advice.ts';

const builtIns = [
  'silent-seconds',
  'silent-peer-seconds',
  'dropped-records',
  'failing-sources',
  'faulty-profiles',
  'ingest-paused-seconds',
  'storage-failing-seconds',
] as const;
/** A value that the collector knows without asking storage. */
export type BuiltIn = (typeof builtIns)[number];

const Name = Type.String({ pattern: textPattern('^[a-z0-9][a-z0-9-]*$', hyphenatedWords), maxLength: 64 });
const Duration = Type.String({
  pattern: textPattern('^[0-9]+(ms|s|m|h|d|w)$', 'must be a duration such as 30s, 15m or 2h'),
});

const RuleText = Type.Object(
  {
    id: Name,
    severity: Type.Union([Type.Literal('warning'), Type.Literal('critical')]),
    description: Type.String({ minLength: 1 }),
    sql: Type.Optional(Name),
    builtIn: Type.Optional(Type.Union(builtIns.map((name) => Type.Literal(name)))),
    parameters: Type.Optional(Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()]))),
    subjectName: Type.Optional(Type.String()),
    unit: Type.String(),
    raiseAbove: Type.Optional(Type.Number()),
    /** Instead of raiseAbove, for what becomes less. */
    raiseBelow: Type.Optional(Type.Number()),
    raiseAboveSetting: Type.Optional(Type.String()),
    clearAtOrBelow: Type.Optional(Type.Number()),
    holdFor: Duration,
    goneAfter: Duration,
    overrides: Type.Optional(Type.Array(Name)),
    /** A bundle of this preset is made when it fires: bundles/bundle-triggers.ts. */
    bundle: Type.Optional(Type.Enum([...bundlePresetNames])),
    summary: Type.String({ minLength: 1 }),
    whatToDo: Type.String({ minLength: 1 }),
    /** Where there is better advice: by what stands before the first colon of a subject. */
    advice: Type.Optional(Type.Literal('health-faults')),
  },
  { additionalProperties: false },
);
const RuleFile = Type.Object({ rules: Type.Array(RuleText) }, { additionalProperties: false });

/** A rule as it is evaluated; every bound is a number. */
export interface AlertRule {
  id: string;
  severity: 'warning' | 'critical';
  source: { kind: 'sql'; sql: string } | { kind: 'built-in'; name: BuiltIn };
  parameters: Record<string, number | string>;
  unit: string;
  /** Raised above it, or below it when `countsDown`. */
  limit: number;
  /** Cleared at it or below, or above when `countsDown`. */
  clearAt: number;
  /** What is bad when it is little: days left. */
  countsDown: boolean;
  holdForMs: number;
  goneAfterMs: number;
  overrides: string[];
  /** What it asks for when it fires. */
  bundle?: BundlePreset;
  summary: string;
  whatToDo: string;
  /** Better advice where there is some, by what stands before the first colon of a subject. */
  advice?: () => ReadonlyMap<string, string>;
}

/** What to do about this subject. */
export function whatToDoAbout(rule: AlertRule, subject: string): string {
  return rule.advice?.().get(subject.split(':', 1)[0] ?? '') ?? rule.whatToDo;
}

const shippedRules = fileURLToPath(new URL('../../profiles/alerts.yaml', import.meta.url));

/** Reads the rules of a file. Throws SX_CONFIG_INVALID with every fault of the file. */
export function loadAlertRules(settings: Settings, path = shippedRules): AlertRule[] {
  const content = readCheckedYaml(RuleFile, readFileSync(path, 'utf8'), { what: 'alert rules', file: path });
  const faults: string[] = [];
  const rules = content.rules.map((rule) => toRule(rule, settings, faults));
  for (const rule of rules) {
    if (rules.filter((other) => other.id === rule.id).length > 1) faults.push(`${rule.id}: is there twice`);
    for (const id of rule.overrides) {
      if (!rules.some((other) => other.id === id)) faults.push(`${rule.id}: overrides “${id}”, which is no rule`);
    }
  }
  if (faults.length > 0) throw new SextantError('SX_CONFIG_INVALID', `${path}: ${faults.join('; ')}`);
  return rules;
}

function toRule(rule: Static<typeof RuleText>, settings: Settings, faults: string[]): AlertRule {
  const countsDown = rule.raiseBelow !== undefined;
  const limit = rule.raiseBelow ?? rule.raiseAbove ?? settingInSeconds(rule.raiseAboveSetting, settings) ?? Number.NaN;
  if (Number.isNaN(limit))
    faults.push(`${rule.id}: needs raiseAbove, raiseBelow, or raiseAboveSetting that names a duration`);
  if (countsDown && [rule.raiseAbove, rule.raiseAboveSetting, rule.clearAtOrBelow].some((one) => one !== undefined))
    faults.push(`${rule.id}: raiseBelow stands alone, without raiseAbove, raiseAboveSetting and clearAtOrBelow`);
  if (!countsDown && rule.summary.includes('{expiry}')) faults.push(`${rule.id}: {expiry} needs raiseBelow`);
  if ((rule.sql === undefined) === (rule.builtIn === undefined))
    faults.push(`${rule.id}: needs sql or builtIn, not both`);
  const clearAt = rule.clearAtOrBelow ?? limit;
  if (clearAt > limit) faults.push(`${rule.id}: clearAtOrBelow lies above raiseAbove`);
  let source: AlertRule['source'] = { kind: 'built-in', name: rule.builtIn ?? 'silent-seconds' };
  if (rule.sql !== undefined) {
    const file = new URL(`sql/${rule.sql}.sql`, import.meta.url);
    if (existsSync(file)) source = { kind: 'sql', sql: readFileSync(file, 'utf8') };
    else faults.push(`${rule.id}: there is no collector/alerts/sql/${rule.sql}.sql`);
  }
  return {
    id: rule.id,
    severity: rule.severity,
    source,
    parameters: rule.parameters ?? {},
    unit: rule.unit,
    limit,
    clearAt,
    countsDown,
    holdForMs: parseDurationMs(rule.holdFor) ?? 0,
    goneAfterMs: parseDurationMs(rule.goneAfter) ?? 0,
    overrides: rule.overrides ?? [],
    ...(rule.bundle !== undefined && { bundle: rule.bundle }),
    summary: rule.summary,
    whatToDo: rule.whatToDo.trim(),
    ...(rule.advice !== undefined && { advice: faultAdvice }),
  };
}

function settingInSeconds(name: string | undefined, settings: Settings): number | undefined {
  if (name === undefined || !Object.hasOwn(settingsTable, name)) return undefined;
  const setting = name as SettingName;
  return settingsTable[setting].kind === 'duration' ? Number(settings[setting]) / 1000 : undefined;
}
