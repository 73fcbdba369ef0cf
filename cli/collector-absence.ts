import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { folderHolder } from '../durable/folder-lock.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { createApiClient } from './api-client.ts';
import type { BundleCreateOptions } from './bundle.ts';

/** Why a bundle has to be made without the collector. */
export interface CollectorAbsence {
  /** A clause: `the collector is not running`. */
  because: string;
}

/** A collector under load answers within this; one that does not in all that time hangs. */
const answerWithinMs = 10_000;

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
  if (!existsSync(join(folder, 'state.db'))) {
    throw new SextantError('SX_NO_COLLECTOR', `${options.dataDir} holds no collector, and none is named`);
  }
  const holder = folderHolder(folder);
  if (options.offline) return { because: `--offline was given${holder ? `, while ${holder} holds the folder` : ''}` };
  if (existsSync(join(folder, 'endpoint.json'))) {
    const answer = await asked(options);
    if (answer === undefined) return undefined;
    if (holder) return { because: `${holder} holds the folder and ${answer}` };
  }
  // It may just be starting; then it does not answer for a while.
  else if (holder) return { because: `${holder} holds the folder and has told no address` };
  return { because: 'the collector is not running' };
}

/** What is wrong with its answer; undefined when it answers, be it with an error of its own. */
async function asked(options: BundleCreateOptions): Promise<string | undefined> {
  const client = createApiClient(options);
  const late = new AbortController();
  try {
    return await Promise.race([
      client.get('bundles').then(() => undefined),
      delay(answerWithinMs, `does not answer within ${answerWithinMs / 1000} s`, { signal: late.signal }),
    ]);
  } catch (error) {
    if (error instanceof SextantError && error.code === 'SX_NO_COLLECTOR') return 'does not answer';
    throw error;
  } finally {
    late.abort();
    await client.close();
  }
}
