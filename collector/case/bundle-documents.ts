import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { BundleEntry } from '../../bundle/sound-bundle.ts';
import type { AlertRow } from '../api/shapes/alerts.ts';
import type { NodeInventory } from '../nodes/registry.ts';

const maxDocumentBytes = 64 * 2 ** 20;
const maxAlerts = 10_000;
const Text = Type.String({ maxLength: 4096 });

const Alert = Compile(
  Type.Object({
    id: Text,
    rule: Text,
    severity: Type.Union([Type.Literal('warning'), Type.Literal('critical')]),
    state: Type.Union([Type.Literal('pending'), Type.Literal('firing'), Type.Literal('resolved')]),
    node: Text,
    subject: Text,
    since: Text,
    resolvedAt: Type.Union([Text, Type.Null()]),
    value: Type.Number(),
    limit: Type.Number(),
    unit: Text,
    summary: Text,
    whatToDo: Text,
  }),
);

const Inventory = Compile(Type.Object({ collectedAt: Text, facts: Type.Record(Type.String(), Type.Unknown()) }));

/** Alerts of a bundle's `alerts.json`; what is none is left out. */
export async function readAlerts(entry: BundleEntry): Promise<AlertRow[]> {
  const value = await readJson(entry);
  return Array.isArray(value) ? value.slice(0, maxAlerts).filter((one): one is AlertRow => Alert.Check(one)) : [];
}

/** A bundle's `inventory/<node>.json`; undefined when it is none. */
export async function readInventory(entry: BundleEntry): Promise<NodeInventory | undefined> {
  const value = await readJson(entry);
  return Inventory.Check(value) ? value : undefined;
}

async function readJson(entry: BundleEntry): Promise<unknown> {
  if (entry.bytes > maxDocumentBytes || entry.continues) return undefined;
  const pieces: Buffer[] = [];
  for await (const piece of await entry.content()) pieces.push(piece);
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    return undefined;
  }
}
