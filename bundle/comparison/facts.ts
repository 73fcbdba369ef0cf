/** Facts by path, `disks[Samsung PM9A3].size` → `3840755982336`. */
export type Facts = Map<string, string>;

const maxFacts = 50_000;
const maxValueChars = 300;
/** What names an item of a list, so that an order that changed is no difference. */
const namingFields = ['serialNum', 'serial', 'id', 'iface', 'name', 'device', 'mount', 'fs', 'slot'];
/** What is different each time that anybody looks, and says nothing. */
const volatile =
  /(?:^|\.)(?:bootedAt|collectedAt|uptime|missing|time|current|used|available|use|temperature\w*|\w*Cached|free|active)(?:$|[.[])/;

/** Flattens a document; lists are told apart by what names their items. What changes all the time is left out. */
export function flatFacts(value: unknown): Facts {
  const facts: Facts = new Map();
  const walk = (at: unknown, path: string): void => {
    if (facts.size >= maxFacts || volatile.test(path)) return;
    if (Array.isArray(at)) {
      const seen = new Map<string, number>();
      for (const [index, item] of at.entries()) {
        const name = nameOf(item) ?? String(index);
        const twin = seen.get(name) ?? 0;
        seen.set(name, twin + 1);
        walk(item, `${path}[${twin === 0 ? name : `${name}#${twin + 1}`}]`);
      }
    } else if (at !== null && typeof at === 'object') {
      for (const [key, item] of Object.entries(at)) walk(item, path === '' ? key : `${path}.${key}`);
    } else if (at !== null && at !== undefined && at !== '') facts.set(path, String(at).slice(0, maxValueChars));
  };
  walk(value, '');
  return facts;
}

function nameOf(item: unknown): string | undefined {
  if (item === null || typeof item !== 'object') return undefined;
  for (const field of namingFields) {
    const value = (item as Record<string, unknown>)[field];
    if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value).slice(0, 80);
  }
  return undefined;
}

/** One difference; null where it is not there. */
export interface FactChange {
  path: string;
  a: string | null;
  b: string | null;
}

export function compareFacts(a: Facts, b: Facts): FactChange[] {
  const changes: FactChange[] = [];
  for (const path of new Set([...a.keys(), ...b.keys()])) {
    const [before = null, after = null] = [a.get(path), b.get(path)];
    if (before !== after) changes.push({ path, a: before, b: after });
  }
  return changes.sort((one, other) => one.path.localeCompare(other.path));
}
