import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ExportStep,
  type ExportStepEvent,
  exportStepEvents,
  mostStepsAtOnce,
} from '../collector/api/shapes/export-steps.ts';
import { writeFileAtomic } from '../durable/atomic-write.ts';
import { SextantError } from '../errors/sextant-error.ts';
import type { JournalEntry } from '../media/export/journal.ts';
import { createApiClient } from './api-client.ts';

/** What the collector's audit is to know of the exports of one bundle by command. */
export interface ExportAudit {
  /** On disk when it returns. */
  note(entry: JournalEntry, exportId: string): void;
  /** The policy has refused an export before it began. On disk when it returns. */
  refused(subject: { at: string; folder: string; reason: string }): void;
  /** Tells all that was not told yet, also by earlier calls; returns why it could not. */
  tell(): Promise<string | undefined>;
}

/** As the collector takes it. */
const maxWords = 1024;
/** A collector that takes longer hangs; the export is not held up by it. */
const answerWithinMs = 10_000;

/**
 * Keeps steps in `BUNDLE.untold.ndjson` beside the bundle until the collector has taken them: told twice at worst, when
 * its answer is lost. Undefined where `dataDir` is not a collector's.
 */
export function openExportAudit(
  bundlePath: string,
  { dataDir, who, send = sendSteps }: { dataDir: string; who: string; send?: typeof sendSteps },
): ExportAudit | undefined {
  if (!existsSync(join(dataDir, 'collector', 'state.db'))) return undefined;
  const bundle = basename(bundlePath);
  const file = join(dirname(bundlePath), `${bundle}.untold.ndjson`);
  const keep = (step: ExportStep): void => appendFileSync(file, `${JSON.stringify(step)}\n`, { mode: 0o600 });
  return {
    refused: ({ at, folder, reason }) =>
      keep({
        ...{ event: 'not-allowed', export: randomBytes(6).toString('hex'), bundle, who, at },
        ...{ folder: folder.slice(0, maxWords), reason: reason.slice(0, maxWords) },
      }),
    note(entry, exportId) {
      const { event } = entry;
      if (!isNotable(event)) return;
      // The journal has the export's name in its first line alone, and the medium's in an object.
      const { identity, exportId: _, ...known } = { identity: undefined, exportId, ...entry };
      const { serial, volumeId } = identity ?? {};
      const step: ExportStep = {
        ...known,
        ...(serial && { serial }),
        ...(volumeId && { volumeId }),
        event,
        export: exportId,
        bundle,
        who,
      };
      keep(step);
    },
    async tell() {
      try {
        if (!existsSync(file)) return undefined;
        const told = readFileSync(file);
        const steps = told.toString().split('\n').flatMap(readStep);
        for (let at = 0; at < steps.length; at += mostStepsAtOnce) {
          await send(dataDir, steps.slice(at, at + mostStepsAtOnce));
        }
        forget(file, told.length);
        return undefined;
      } catch (error) {
        return error instanceof SextantError ? error.message : String(error);
      }
    },
  };
}

const isNotable = (event: string): event is ExportStepEvent => (exportStepEvents as readonly string[]).includes(event);

/** Leaves what an export of the same bundle onto another medium has added meanwhile. */
function forget(file: string, toldBytes: number): void {
  if (!existsSync(file)) return;
  const rest = readFileSync(file).subarray(toldBytes);
  if (rest.length > 0) writeFileAtomic(file, rest);
  else rmSync(file, { force: true });
}

/** None of a line that a crash cut. */
function readStep(line: string): ExportStep[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

async function sendSteps(dataDir: string, steps: readonly ExportStep[]): Promise<void> {
  const client = createApiClient({ dataDir });
  const late = new AbortController();
  try {
    const answered = client.send('POST', 'exports/steps', { steps });
    const waited = delay(answerWithinMs, undefined, { signal: late.signal }).then(() => {
      throw new SextantError('SX_NO_COLLECTOR', `the collector does not answer within ${answerWithinMs / 1000} s`);
    });
    waited.catch(() => undefined);
    await Promise.race([answered, waited]);
  } finally {
    late.abort();
    await client.close();
  }
}
