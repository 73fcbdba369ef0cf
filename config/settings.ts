import { agentSettings } from './settings/agent.ts';
import { collectorSettings } from './settings/collector.ts';
import type { SettingKind } from './settings/setting.ts';
import { siteSettings } from './settings/site.ts';

/**
 * Every setting there is, once. `sextant.yaml` nests the dotted names; bytes may be written `64MiB`, durations `30s`.
 * docs/configuration.md is generated from this table.
 */
export const settingsTable = { ...siteSettings, ...collectorSettings, ...agentSettings } as const;

export type SettingName = keyof typeof settingsTable;

type Value<K extends SettingKind> = K extends 'texts' | 'globs'
  ? readonly string[]
  : K extends 'text'
    ? string
    : K extends 'boolean'
      ? boolean
      : number;

/** Parsed and frozen; bytes and milliseconds are numbers. */
export type Settings = { readonly [N in SettingName]: Value<(typeof settingsTable)[N]['kind']> };
