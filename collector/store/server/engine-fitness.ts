import { SextantError } from '../../../errors/sextant-error.ts';
import type { AskRows } from '../engine.ts';
import type { ServerTarget } from './target.ts';
import { neededSettings } from './upload.ts';

/** The oldest release that everything here was run on: the engine in the process is of this one. */
export const oldestVersion = '26.7';

export const unfit = (what: string, nextStep?: string): SextantError =>
  new SextantError('SX_STORAGE_UNFIT', what, nextStep === undefined ? {} : { nextStep });

/** Whether a server can hold our tables: its release, its settings, the database, the cluster. */
export async function checkEngine(ask: AskRows, target: ServerTarget): Promise<void> {
  const [told] = await ask<{ version: string }>('SELECT version() AS version');
  const version = told?.version ?? 'unknown';
  if (!atLeast(version, oldestVersion)) {
    throw unfit(
      `the ClickHouse server at ${target.url} is release ${version}; Sextant needs ${oldestVersion} or newer`,
      'upgrade the server, or leave storage.url empty to store in the collector itself',
    );
  }

  const known = await ask<{ name: string; readonly: number }>(
    'SELECT name, toUInt8(readonly) AS readonly FROM system.settings WHERE name IN {names:Array(String)}',
    { names: [...neededSettings] },
  );
  const fixed = known.filter((setting) => setting.readonly !== 0).map(({ name }) => name);
  const missing = neededSettings.filter((name) => !known.some((setting) => setting.name === name));
  if (missing.length > 0) throw unfit(`the server at ${target.url} knows no setting ${missing.join(', ')}`);
  if (fixed.length > 0) {
    throw unfit(
      `the user ${target.user} may not change the settings ${fixed.join(', ')}`,
      'take the constraint or `readonly` from that user’s profile',
    );
  }

  if (target.cluster === '') return;
  const [cluster] = await ask<{ shards: number }>(
    'SELECT toUInt32(uniqExact(shard_num)) AS shards FROM system.clusters WHERE cluster = {cluster:String}',
    { cluster: target.cluster },
  );
  if (!cluster || cluster.shards === 0) {
    throw unfit(
      `the server at ${target.url} knows no cluster ${target.cluster}`,
      'name one of system.clusters in storage.cluster, or leave it empty for a single server',
    );
  }
}

function atLeast(version: string, floor: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [floorMajor = 0, floorMinor = 0] = floor.split('.').map(Number);
  return major > floorMajor || (major === floorMajor && minor >= floorMinor);
}
