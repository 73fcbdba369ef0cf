import type { BundleItem } from '../profile/bundle.ts';
import type { Profile } from '../profile/profile.ts';

export interface PlannedItem {
  source: string;
  item: BundleItem;
}

/** The items of the roles that were asked for, `<role>/<item>`; all roles when none was named. */
export function plannedItems(profile: Profile, roles: readonly string[]): PlannedItem[] {
  return Object.entries(profile.bundle)
    .filter(([role, { enabled }]) => enabled !== false && (roles.length === 0 || roles.includes(role)))
    .flatMap(([role, { items }]) =>
      items.filter(({ enabled }) => enabled !== false).map((item) => ({ source: `${role}/${item.name}`, item })),
    );
}
