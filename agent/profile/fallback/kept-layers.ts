import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { readTextFile } from '../../../config/text-file.ts';
import type { Layer } from '../layer.ts';
import type { LocalLayers } from '../load.ts';
import { place, plain } from '../placed.ts';
import { keptFile } from './kept-file.ts';

const maxBytes = 32 * 1024 * 1024;
const KeptLayer = Type.Object({
  file: Type.String(),
  name: Type.String(),
  description: Type.String(),
  content: Type.Record(Type.String(), Type.Unknown()),
});
const Kept = Type.Object({ named: Type.Array(KeptLayer), site: Type.Array(KeptLayer) });

/**
 * As text for that file. Layers, not what came of them: a pushed profile still goes between the two kinds, and what the
 * site's own file takes out stays out.
 */
export function formatKept({ named, site }: LocalLayers): string {
  const keep = ({ file, name, description, content }: Layer) => ({ file, name, description, content: plain(content) });
  return `${JSON.stringify({ named: named.map(keep), site: site.map(keep) })}\n`;
}

/** What is kept; undefined when there is nothing, or nothing that can be read. */
export function readKept(dataDir: string): LocalLayers | undefined {
  let kept: unknown;
  try {
    kept = JSON.parse(readTextFile(keptFile(dataDir), maxBytes));
  } catch {
    return undefined;
  }
  if (!Value.Check(Kept, kept)) return undefined;
  return { named: kept.named.map(layerOf), site: kept.site.map(layerOf) };
}

function layerOf({ file, name, description, content }: Static<typeof KeptLayer>): Layer {
  const keptAs = `${file} as it was`;
  return { file: keptAs, name, description, include: [], content: place(content, { file: keptAs, line: 0 }) };
}
