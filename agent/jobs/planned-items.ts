import type { NodeCapClass } from '../../bundle/caps.ts';
import type { BundleItem } from '../profile/bundle.ts';
import type { Profile } from '../profile/profile.ts';
import { classOf, isRaw } from './item-class.ts';

export interface PlannedItem {
  source: string;
  item: BundleItem;
}

/**
 * The items of the roles that were asked for, `<role>/<item>`, all roles when none was named; and of the classes, all of
 * them without a list. Those that cannot be redacted only when `raw` asks for them, and then last: they take no time from
 * the others.
 */
export function plannedItems(
  profile: Profile,
  { roles, classes }: { roles: readonly string[]; classes?: readonly NodeCapClass[] | undefined },
  raw = false,
): PlannedItem[] {
  const items = Object.entries(profile.bundle)
    .filter(([role, { enabled }]) => enabled !== false && (roles.length === 0 || roles.includes(role)))
    .flatMap(([role, { items }]) =>
      items
        .filter((item) => item.enabled !== false && (classes === undefined || classes.includes(classOf(item))))
        .map((item) => ({ source: `${role}/${item.name}`, item })),
    );
  return [...items.filter(({ item }) => !isRaw(item)), ...(raw ? items.filter(({ item }) => isRaw(item)) : [])];
}
