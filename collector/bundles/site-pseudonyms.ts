import { createPseudonyms, type NameKind } from '../../bundle/redaction/pseudonyms.ts';
import { type Revealed, revealPseudonym } from '../../bundle/redaction/reveal.ts';
import type { SiteName } from '../../bundle/scanner/name-trie.ts';
import type { State } from '../state/state.ts';

/** The site's own record of what its pseudonyms stand for; it is in state.db and goes into no bundle. */
export interface SitePseudonyms {
  /** Takes up a name that got a pseudonym; a known one is left as it is. */
  record(kind: NameKind, name: string): void;
  /** Every recorded machine, account and domain: what the next bundle looks for. */
  names(limit: number): SiteName[];
  /** Undefined for a pseudonym that this site has not made. Addresses and SIDs are worked out from the key alone. */
  reveal(pseudonym: string): Revealed | undefined;
}

/** A node that invents names must not fill the disk. */
const maxNames = 200_000;

export function createSitePseudonyms(state: State, key: Uint8Array, nowMs: () => number): SitePseudonyms {
  const pseudonyms = createPseudonyms(key);
  const insert = state.database.prepare(
    'INSERT INTO pseudonyms (pseudonym, kind, name, first_unix_ms) VALUES (?, ?, ?, ?) ON CONFLICT (pseudonym) DO NOTHING',
  );
  const one = state.database.prepare('SELECT kind, name FROM pseudonyms WHERE pseudonym = ?');
  const newest = state.database.prepare(
    "SELECT kind, name FROM pseudonyms WHERE kind IN ('host', 'user', 'domain') ORDER BY first_unix_ms DESC LIMIT ?",
  );
  const total = state.database.prepare('SELECT count(*) AS names FROM pseudonyms');
  let known = Number(total.get()?.names ?? 0);
  const recorded = new Set<string>();

  return {
    record: (kind, name) => {
      const pseudonym = pseudonyms.name(kind, name);
      if (recorded.has(pseudonym) || known >= maxNames) return;
      recorded.add(pseudonym);
      if (one.get(pseudonym)) return;
      insert.run(pseudonym, kind, name.toLowerCase(), nowMs());
      known++;
    },
    names: (limit) =>
      newest.all(limit).map((row) => ({ kind: String(row.kind) as SiteName['kind'], name: String(row.name) })),
    reveal: (text) =>
      revealPseudonym(text, {
        turnBack: pseudonyms.turnBack,
        nameOf: (part) => {
          const row = one.get(part);
          return row && { kind: String(row.kind), name: String(row.name) };
        },
      }),
  };
}
