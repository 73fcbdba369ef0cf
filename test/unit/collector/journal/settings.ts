import { type SettingName, type Settings, settingsTable } from '../../../../config/settings.ts';

/** Defaults, with some replaced. */
export function settingsWith(changes: Partial<Record<SettingName, unknown>> = {}): Settings {
  const defaults = Object.entries(settingsTable).map(([name, setting]) => [name, setting.default]);
  return { ...Object.fromEntries(defaults), ...changes } as Settings;
}
