import { safeSegment } from './entry-path.ts';
import { rawBase } from './raw-volume.ts';

/** Base of the collector's own volumes, and of what a node that writes a bundle by itself has kept. */
export const telemetryBase = 'telemetry';

/** No node can have it in its name. */
const ofNode = '~node';

/** Base of a node's volumes, by what it is called in the bundle: `telemetry~node` for one that is called as other volumes are. */
export function nodeBase(node: string): string {
  const base = safeSegment(node);
  return [telemetryBase, rawBase].includes(base.toLowerCase()) ? `${base}${ofNode}` : base;
}

/** The node whose volumes have this base. */
export const nodeOfBase = (base: string): string => (base.endsWith(ofNode) ? base.slice(0, -ofNode.length) : base);

/** What a volume's file name says. */
export interface VolumeName {
  /** Node or `telemetry`; volumes of one base continue each other. */
  base: string;
  number: number;
  encrypted: boolean;
}

/** `node-1.v002.zip` or `node-1.v002.zip.age`; undefined for anything else. */
export function parseVolumeName(name: string): VolumeName | undefined {
  const match = /^(.+)\.v(\d{3,5})\.zip(\.age)?$/.exec(name);
  if (!match?.[1]) return undefined;
  return { base: match[1], number: Number(match[2]), encrypted: match[3] !== undefined };
}
