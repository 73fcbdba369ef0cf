import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { folderHolder } from '../durable/folder-lock.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { createApiClient } from './api-client.ts';
import type { BundleCreateOptions } from './bundle.ts';
import { demandReadableData } from './readable-data.ts';

/** Why a bundle has to be made without the collector. */
export interface CollectorAbsence {
  /** A clause: `the collector is not running`. */
  because: string;
}

/** A collector under load answers within this; one that does not in all that time hangs. */
const answerWithinMs = 10_000;
const askAgainAfterMs = 250;

/**
 * Finds out whether the collector of a data folder answers: undefined when it does, or when another one is named. Throws
 * SX_NO_COLLECTOR when there is neither a collector nor a folder of one, SX_UNAVAILABLE when what is asked for needs one.
 */
export async function collectorAbsence(options: BundleCreateOptions): Promise<CollectorAbsence | undefined> {
  const absence = await absenceOf(options);
  if (absence && options.raw) {
    throw new SextantError('SX_UNAVAILABLE', `--raw needs the collector, and ${absence.because}`, {
      nextStep: 'start the collector, or leave out --raw: only nodes have raw files',
    });
  }
  return absence;
}

async function absenceOf(options: BundleCreateOptions): Promise<CollectorAbsence | undefined> {
  const folder = join(options.dataDir, 'collector');
  if (options.url !== undefined) {
    if (!options.offline) return undefined;
    throw new SextantError('SX_BAD_REQUEST', '--offline reads a data folder: it cannot be given with --url', {
      nextStep: 'leave out one of them',
    });
  }
  demandReadableData(options.dataDir);
  if (!existsSync(join(folder, 'state.db'))) {
    throw new SextantError('SX_NO_COLLECTOR', `${options.dataDir} holds no collector, and none is named`);
  }
  if (options.offline) {
    const holder = folderHolder(folder);
    return { because: `--offline was given${holder ? `, while ${holder} holds the folder` : ''}` };
  }
  const untilMs = performance.now() + answerWithinMs;
  for (let leftMs = answerWithinMs; ; ) {
    // One that is just starting has told no address yet, or there is still that of the one before it.
    const told = existsSync(join(folder, 'endpoint.json'));
    if (told && (await answers(options, leftMs))) return undefined;
    // `sextant up` starts a collector again that has died.
    const holder = folderHolder(folder) ?? folderHolder(join(options.dataDir, 'up'));
    if (holder === undefined) return { because: 'the collector is not running' };
    leftMs = untilMs - performance.now();
    if (leftMs <= 0) {
      const what = told ? 'does not answer' : 'tells no address';
      return { because: `${holder} holds the folder and ${what} within ${answerWithinMs / 1000} s` };
    }
    await delay(Math.min(askAgainAfterMs, leftMs));
  }
}

/** Whether it answers, be it with an error of its own. */
async function answers(options: BundleCreateOptions, withinMs: number): Promise<boolean> {
  const client = createApiClient(options);
  const late = new AbortController();
  try {
    return await Promise.race([
      client.get('bundles').then(() => true),
      delay(withinMs, false, { signal: late.signal }),
    ]);
  } catch (error) {
    if (error instanceof SextantError && error.code === 'SX_NO_COLLECTOR') return false;
    throw error;
  } finally {
    late.abort();
    await client.close();
  }
}
