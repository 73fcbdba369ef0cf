import { hostname } from 'node:os';
import type { SiteName } from '../../bundle/scanner/name-trie.ts';
import type { NodeInventory } from '../nodes/registry.ts';

/** What a bundle's request tells each node; more would make the message larger than a control stream takes. */
export const maxNamesPerRequest = 5000;

/** Fields of an inventory that hold a name, at any depth. */
const fields: Record<string, SiteName['kind']> = {
  hostname: 'host',
  fqdn: 'host',
  computername: 'host',
  domain: 'domain',
  dnsdomain: 'domain',
  user: 'user',
  username: 'user',
};

function collect(value: unknown, name: string, into: SiteName[]): void {
  if (into.length >= maxNamesPerRequest) return;
  if (typeof value === 'string') {
    const kind = fields[name.toLowerCase()];
    if (kind && value !== '') into.push({ kind, name: value });
  } else if (Array.isArray(value)) for (const item of value) collect(item, name, into);
  else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) collect(inner, key, into);
  }
}

/** The site's names as this collector knows them: its nodes, what their inventories say, and what earlier bundles met. */
export function namesOfSite(known: {
  nodes: readonly string[];
  inventories: readonly NodeInventory[];
  recorded: readonly SiteName[];
}): SiteName[] {
  const names: SiteName[] = [{ kind: 'host', name: hostname() }];
  for (const node of known.nodes) names.push({ kind: 'host', name: node });
  for (const { facts } of known.inventories) collect(facts, '', names);
  return [...names, ...known.recorded].slice(0, maxNamesPerRequest);
}
