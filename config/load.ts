import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { SextantError } from '../errors/sextant-error.ts';
import { configurationOf } from './environment.ts';
import { nearest } from './nearest.ts';
import type { SettingKind } from './settings/setting.ts';
import { type Settings, settingsTable } from './settings.ts';
import { readTextFile } from './text-file.ts';
import { expectation, parseValue } from './value.ts';

interface Entry {
  kind: SettingKind;
  default: string | number | boolean | readonly string[];
  min?: number;
  max?: number;
  oneOf?: readonly string[];
}

const table: Record<string, Entry> = settingsTable;
const names = Object.keys(table);
const groups = new Set(names.flatMap((name) => name.split('.').map((_, i, parts) => parts.slice(0, i).join('.'))));
groups.delete('');

/** A hundred times all settings. */
const maxFileBytes = 4 * 1024 * 1024;

interface Fault {
  line: number;
  text: string;
}

/**
 * Reads the configuration: defaults, then the file, then `overrides` (what the command line says).
 *
 * The file is `configFile`, which must be there, else that of the folder's package, else `<dataDir>/sextant.yaml`, which
 * may be missing. Every fault is reported at once, in the order of the lines, as `FILE:LINE: setting: what; expected …`, in one SX_CONFIG_INVALID.
 * The result is frozen.
 */
export function loadSettings(options: {
  dataDir: string;
  configFile?: string;
  overrides?: Partial<Settings>;
}): Settings {
  const file = options.configFile ?? configurationOf(options.dataDir) ?? join(options.dataDir, 'sextant.yaml');
  const text = readConfiguration(file, options.configFile !== undefined);
  const values: Record<string, Entry['default']> = {};
  for (const [name, entry] of Object.entries(table)) values[name] = entry.default;
  const faults = text === undefined ? [] : readFile(text, values);
  const lines = faults.sort((a, b) => a.line - b.line).map((fault) => `${file}:${fault.line}: ${fault.text}`);
  for (const [name, raw] of Object.entries(options.overrides ?? {})) {
    if (raw === undefined) continue;
    const entry = table[name];
    if (entry === undefined) throw new Error(`BUG: there is no setting ${name}`);
    const parsed = parseValue(entry, raw);
    if ('fault' in parsed) lines.push(`command line: ${name}: ${parsed.fault}`);
    else values[name] = parsed.value;
  }
  if (lines.length > 0) {
    const many = lines.length === 1 ? 'a fault' : `${lines.length} faults`;
    throw new SextantError('SX_CONFIG_INVALID', `the configuration has ${many}:\n  ${lines.join('\n  ')}`);
  }
  return Object.freeze(values) as Settings;
}

function readConfiguration(file: string, mustExist: boolean): string | undefined {
  try {
    // What a person names on the command line may be a pipe: `--config <(…)`.
    return mustExist ? readFileSync(file, 'utf8') : readTextFile(file, maxFileBytes);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !mustExist) return undefined;
    throw new SextantError('SX_CONFIG_INVALID', `cannot read the configuration ${file}: ${message}`, {
      cause,
      nextStep: 'name a readable file with --config',
    });
  }
}

/** Puts what the text says into `values` and returns what is wrong with it. */
function readFile(text: string, values: Record<string, Entry['default']>): Fault[] {
  const counter = new LineCounter();
  // Duplicate keys are looked for below, where their full name is known.
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: false, prettyErrors: false });
  const lineAt = (offset: number | undefined): number => counter.linePos(offset ?? 0).line;
  const faults: Fault[] = document.errors.map((error) => ({
    line: lineAt(error.pos[0]),
    text: `syntax: ${error.message}`,
  }));
  const seen = new Map<string, number>();

  function readGroup(map: YAMLMap, prefix: string): void {
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const line = lineAt(pair.key?.range?.[0]);
      const key = isScalar(pair.key) ? String(pair.key.value) : undefined;
      if (key === undefined) {
        faults.push({ line, text: `${prefix || 'configuration'}: a name is missing; expected a setting` });
        continue;
      }
      const name = prefix === '' ? key : `${prefix}.${key}`;
      const entry = table[name];
      if (entry === undefined && !groups.has(name)) {
        faults.push({ line, text: `${name}: ${unknown(name)}` });
        continue;
      }
      const before = seen.get(name);
      if (before !== undefined) {
        faults.push({ line, text: `${name}: is set twice; expected once, and line ${before} has it` });
        continue;
      }
      seen.set(name, line);
      if (entry === undefined) {
        if (isMap(pair.value)) readGroup(pair.value, name);
        else if (!isEmpty(pair.value)) {
          faults.push({ line, text: `${name}: is a group; expected settings such as ${childOf(name)} below it` });
        }
        continue;
      }
      readSetting(name, entry, pair.value, line);
    }
  }

  function readSetting(name: string, entry: Entry, written: Node | null, keyLine: number): void {
    const line = written?.range && !isEmpty(written) ? lineAt(written.range[0]) : keyLine;
    const node = isAlias(written) ? written.resolve(document) : written;
    if (isMap(node)) {
      faults.push({ line: keyLine, text: `${name}: has settings below it; expected ${expectation(entry)}` });
      return;
    }
    const parsed = parseValue(entry, isSeq(node) || isScalar(node) ? node.toJS(document) : undefined);
    if ('fault' in parsed) faults.push({ line, text: `${name}: ${parsed.fault}` });
    else values[name] = parsed.value;
  }

  const { contents } = document;
  if (isMap(contents)) readGroup(contents, '');
  else if (!isEmpty(contents) && faults.length === 0) {
    faults.push({ line: lineAt(contents?.range?.[0]), text: 'configuration: expected settings, `name: value`' });
  }
  return faults;
}

const isEmpty = (node: unknown): boolean => node === null || (isScalar(node) && node.value === null);

const childOf = (group: string): string => names.find((name) => name.startsWith(`${group}.`)) ?? group;

function unknown(name: string): string {
  const suggestion = nearest(name, names) ?? nearest(name, [...groups]);
  return `is not a setting; expected ${suggestion ? `perhaps ${suggestion}` : 'one of docs/configuration.md'}`;
}
