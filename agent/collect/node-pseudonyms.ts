import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { createPseudonyms, type NameKind } from '../../bundle/redaction/pseudonyms.ts';
import { type Revealed, revealPseudonym } from '../../bundle/redaction/reveal.ts';
import { writeFileAtomic } from '../../durable/atomic-write.ts';

/** Longer ones are no names of machines or people; they are not kept. */
const longestName = 1024;

/** Newest last. */
const NameFile = Type.Object({
  names: Type.Array(
    Type.Tuple([Type.Enum(['host', 'user', 'domain', 'guid']), Type.String({ maxLength: longestName })]),
  ),
});

/** Logs that invent names must fill neither the disk nor the memory. */
const maxNames = 50_000;

/** What the pseudonyms of this node's own bundles stand for; it lies beside the node's key and goes into no bundle. */
export interface NodePseudonyms {
  record(kind: NameKind, name: string): void;
  /** What was recorded is on disk when it returns. Throws what the disk says. */
  save(): void;
  /** Undefined for a pseudonym that this node has not made, or has forgotten for newer ones. */
  reveal(pseudonym: string): Revealed | undefined;
}

/** Opens the record in `folder`; a damaged one is begun anew: addresses can be revealed without it. */
export function openNodePseudonyms(folder: string, key: Uint8Array, limit = maxNames): NodePseudonyms {
  const path = join(folder, 'names.json');
  const names = new Map<string, [NameKind, string]>();
  const put = (kind: NameKind, name: string): void => {
    if (name.length > longestName) return;
    const id = `${kind}\0${name.toLowerCase()}`;
    // Named again it is among the newest.
    names.delete(id);
    names.set(id, [kind, name.toLowerCase()]);
    const [oldest] = names.keys();
    if (names.size > limit && oldest !== undefined) names.delete(oldest);
  };
  for (const [kind, name] of readNames(path)) put(kind, name);

  return {
    record: put,
    save() {
      writeFileAtomic(path, Buffer.from(`${JSON.stringify({ names: [...names.values()] })}\n`));
    },
    reveal(text) {
      const pseudonyms = createPseudonyms(key);
      const byPseudonym = new Map(
        [...names.values()].map(([kind, name]) => [pseudonyms.name(kind, name), { kind, name }]),
      );
      return revealPseudonym(text, { turnBack: pseudonyms.turnBack, nameOf: (part) => byPseudonym.get(part) });
    },
  };
}

function readNames(path: string): Static<typeof NameFile>['names'] {
  if (!existsSync(path)) return [];
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Value.Check(NameFile, found) ? found.names : [];
  } catch {
    return [];
  }
}
