import { type AskedClasses, isAskedFor } from '../../bundle/asked-classes.ts';
import { type BundleCaps, capClasses } from '../../bundle/caps.ts';
import { formatBytes } from '../../bundle/report-format.ts';
import type { Settings } from '../../config/settings.ts';

/** The limits that hold for a bundle of these classes: those that were asked for, else the configured ones, where 0 is none. */
export function capsOf(asked: BundleCaps | undefined, settings: Settings, classes: AskedClasses): BundleCaps {
  const caps: BundleCaps = { perClass: {} };
  const total = asked?.total ?? settings['collector.bundles.limits.total'];
  if (total > 0) caps.total = total;
  for (const kind of capClasses.filter((each) => isAskedFor(classes, each))) {
    const bytes = asked?.perClass[kind] ?? settings[`collector.bundles.limits.${kind}`];
    if (bytes > 0) caps.perClass[kind] = bytes;
  }
  return caps;
}

export const isLimited = ({ total, perClass }: BundleCaps): boolean =>
  total !== undefined || Object.keys(perClass).length > 0;

/** For coverage: what kept the bundle small, on purpose. */
export function limitsNote({ total, perClass }: BundleCaps): string {
  const parts = Object.entries(perClass).map(([kind, bytes]) => `${kind} ${formatBytes(bytes)}`);
  if (total !== undefined) parts.unshift(`everything ${formatBytes(total)}`);
  return `Made with limits of size, before compression: ${parts.join(', ')}. What was cut for them is listed as partial, with how much was left out.`;
}
