import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Origin, Placed } from './placed.ts';

/** One file of a profile as it was written, before anything is merged. */
export interface Layer {
  /** As faults and `agent explain` name it. */
  file: string;
  name: string;
  description: string;
  /** Profiles that come before this one. */
  include: { name: string; origin: Origin }[];
  /** The sections. */
  content: Placed;
}

const maxTextBytes = 1024 * 1024;
/** Aliases are copied where they stand, so a few lines could become gigabytes. */
const maxNodes = 50_000;
const maxDepth = 16;

/** Reads a layer's text; what is wrong with it is added to `faults` as `FILE:LINE: what`. */
export function readLayer(text: string, file: string, faults: string[]): Layer {
  const origin = { file, line: 1 };
  const empty: Layer = { file, name: '', description: '', include: [], content: emptyMap(origin) };
  if (text.length > maxTextBytes) {
    faults.push(`${file}:1: a profile has at most 1 MiB`);
    return empty;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number | undefined): number => lines.linePos(offset ?? 0).line;
  for (const error of document.errors) faults.push(`${file}:${lineAt(error.pos[0])}: ${error.message}`);
  if (document.errors.length > 0) return empty;

  let nodes = 0;
  function placeNode(written: unknown, line: number, depth: number): Placed {
    const node = isAlias(written) ? (written.resolve(document) as Node | undefined) : (written as Node | null);
    const at: Origin = { file, line: isAlias(written) || !node?.range ? line : lineAt(node.range[0]) };
    nodes += 1;
    if (nodes > maxNodes || depth > maxDepth) return { kind: 'leaf', origin: at, value: null };
    if (isSeq(node))
      return { kind: 'list', origin: at, items: node.items.map((item) => placeNode(item, at.line, depth + 1)) };
    if (isMap(node)) {
      const entries = new Map<string, Placed>();
      for (const pair of node.items) {
        const key = pair.key as Node | null;
        const keyLine = lineAt(key?.range?.[0]);
        if (!isScalar(key)) faults.push(`${file}:${keyLine}: a key must be a plain word`);
        else entries.set(String(key.value), placeNode(pair.value, keyLine, depth + 1));
      }
      return { kind: 'map', origin: at, entries };
    }
    const value = isScalar(node) ? node.value : null;
    const simple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return { kind: 'leaf', origin: at, value: simple ? value : value === null ? null : String(value) };
  }

  const content = placeNode(document.contents, 1, 0);
  if (nodes > maxNodes) faults.push(`${file}:1: a profile has at most ${maxNodes} values`);
  if (content.kind !== 'map') {
    faults.push(`${file}:${content.origin.line}: a profile is made of sections, \`name: …\``);
    return empty;
  }
  return { ...head(content, faults), file, content };
}

/** Takes out what is not a section. */
function head(content: Placed & { kind: 'map' }, faults: string[]): Pick<Layer, 'name' | 'description' | 'include'> {
  const take = (key: string): Placed | undefined => {
    const value = content.entries.get(key);
    content.entries.delete(key);
    return value;
  };
  const fault = ({ file, line }: Origin, text: string) => faults.push(`${file}:${line}: ${text}`);
  const text = (key: string): string => {
    const value = take(key);
    if (value?.kind === 'leaf' && typeof value.value === 'string') return value.value;
    if (value) fault(value.origin, `${key}: must be a text`);
    return '';
  };
  const include: Layer['include'] = [];
  const written = take('include');
  const items = written?.kind === 'list' ? written.items : written ? [written] : [];
  for (const item of items) {
    if (item.kind === 'leaf' && typeof item.value === 'string') include.push({ name: item.value, origin: item.origin });
    else fault(item.origin, 'include: must be names of profiles');
  }
  return { name: text('name'), description: text('description'), include };
}

const emptyMap = (origin: Origin): Placed => ({ kind: 'map', origin, entries: new Map() });
