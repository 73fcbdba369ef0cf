import type { BundleItem } from '../profile/bundle.ts';
import type { Profile } from '../profile/profile.ts';

/** Cannot be redacted line by line. */
export const isRaw = (item: BundleItem): boolean => item.raw === true || item.eventLogs !== undefined;

export interface PlannedItem {
  source: string;
  item: BundleItem;
}

/**
 * The items of the roles that were asked for, `<role>/<item>`; all roles when none was named. Those that cannot be
 * redacted only when `raw` asks for them, and then last: they take no time from the others.
 */
export function plannedItems(profile: Profile, roles: readonly string[], raw = false): PlannedItem[] {
  const items = Object.entries(profile.bundle)
    .filter(([role, { enabled }]) => enabled !== false && (roles.length === 0 || roles.includes(role)))
    .flatMap(([role, { items }]) =>
      items.filter(({ enabled }) => enabled !== false).map((item) => ({ source: `${role}/${item.name}`, item })),
    );
  return [...items.filter(({ item }) => !isRaw(item)), ...(raw ? items.filter(({ item }) => isRaw(item)) : [])];
}
