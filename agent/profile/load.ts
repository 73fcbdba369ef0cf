import { lstatSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { root } from '../../config/root.ts';
import { readTextFile } from '../../config/text-file.ts';
import { compose, type EffectiveProfile } from './compose.ts';
import { type Layer, readLayer } from './layer.ts';
import type { Origin } from './placed.ts';
import { layPushed, type PushedLayers, type PushedOutcome } from './pushed/layers.ts';

const profilesFolder = join(root, 'profiles');
/** The site's own file in the data folder, the last word on this node. */
const siteFile = 'profile.yaml';

/** More than a layer may have (`readLayer`), in whatever characters. */
const maxFileBytes = 4 * 1024 * 1024;

/** The profile of a platform where `agent.profile` is empty. */
export const platformProfile = (platform: NodeJS.Platform = process.platform): string =>
  platform === 'win32' ? 'windows' : 'linux';

/** A node's own layers as they were written: before anything is merged or checked. */
export interface LocalLayers {
  /** Of `agent.profile`, each behind what it includes. */
  named: readonly Layer[];
  /** Of `profile.yaml` in the data folder, which go over everything. */
  site: readonly Layer[];
}

/** Reads them; what cannot be read is added to `faults` as `FILE:LINE: what`, and lacks in the layers. */
export function readLocalLayers(
  options: { names: readonly string[]; dataDir?: string | undefined },
  faults: string[],
): LocalLayers {
  const named: Layer[] = [];
  const site: Layer[] = [];
  const names = options.names.length > 0 ? options.names : [platformProfile()];
  for (const name of names) addLayer(locate(name, process.cwd()), name, 'setting', named, faults, []);
  const ownFile = options.dataDir === undefined ? undefined : join(options.dataDir, siteFile);
  // A link that leads nowhere counts: something was to be said.
  if (ownFile !== undefined && lstatSync(ownFile, { throwIfNoEntry: false })) {
    addLayer(ownFile, ownFile, 'site', site, faults, []);
  }
  return { named, site };
}

/**
 * Reads and merges profiles: those that are named, in order, each behind what it includes; then those that the collector
 * pushed; then `profile.yaml` of the data folder. A name (`linux`) is looked for among the profiles that come with
 * Sextant; anything with a slash or `.yaml` is a path, relative to the including file. docs/profiles.md has the rules.
 * Throws SX_CONFIG_INVALID that names every fault with file and line; a pushed profile with a fault is left out instead,
 * and its outcome says why.
 */
export function loadProfile(options: {
  names: readonly string[];
  dataDir?: string;
  pushed?: PushedLayers | undefined;
}): EffectiveProfile & { pushed: PushedOutcome[] } {
  const faults: string[] = [];
  return composeNode(readLocalLayers(options, faults), options.pushed, faults);
}

/** The same from layers that are there already. Throws with `faults` and those that it finds. */
export function composeNode(
  { named, site }: LocalLayers,
  pushed: PushedLayers | undefined,
  faults: readonly string[] = [],
): EffectiveProfile & { pushed: PushedOutcome[] } {
  const local = compose([...named, ...site], [...faults]);
  return pushed ? layPushed(local, named, site, pushed) : { ...local, pushed: [] };
}

/** Reads one layer's text as if it were a profile of its own; `file` is what faults are reported with. */
export function parseProfile(text: string, file: string): EffectiveProfile {
  const faults: string[] = [];
  const layers: Layer[] = [];
  addText(text, file, layers, faults, []);
  return compose(layers, faults);
}

function addLayer(
  file: string,
  asked: string,
  by: Origin | 'setting' | 'site',
  layers: Layer[],
  faults: string[],
  above: readonly string[],
): void {
  if (layers.some((layer) => layer.file === file)) return;
  let text: string;
  try {
    text = readTextFile(file, maxFileBytes);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? `there is no ${file}` : message;
    if (by === 'site') {
      faults.push(`${file}:1: cannot be read: ${code === 'ENOENT' ? 'it is a link that leads nowhere' : message}`);
    } else {
      const place = by === 'setting' ? 'agent.profile' : `${by.file}:${by.line}: include`;
      faults.push(`${place}: cannot read the profile ${asked}: ${why}; name one of profiles/ or a path`);
    }
    return;
  }
  addText(text, file, layers, faults, above);
}

function addText(text: string, file: string, layers: Layer[], faults: string[], above: readonly string[]): void {
  const layer = readLayer(text, file, faults);
  const path = [...above, file];
  for (const { name, origin } of layer.include) {
    const included = locate(name, dirname(file));
    if (path.includes(included)) {
      faults.push(`${origin.file}:${origin.line}: include: ${name} includes this profile again`);
    } else addLayer(included, name, origin, layers, faults, path);
  }
  layers.push(layer);
}

function locate(nameOrPath: string, folder: string): string {
  if (isAbsolute(nameOrPath)) return nameOrPath;
  if (/[\\/]/.test(nameOrPath) || nameOrPath.endsWith('.yaml')) return resolve(folder, nameOrPath);
  return join(profilesFolder, `${nameOrPath}.yaml`);
}
