import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../../bundle/report-format.ts';
import { startProgram } from '../programs/program-output.ts';
import { failedState } from './failed-command.ts';
import { cutMark, type GatherContext } from './gather-context.ts';
import { countBytes } from './gather-files.ts';
import type { ItemOutcome } from './item-outcome.ts';
import { registryText } from './registry-text.ts';

const defaultMaxBytes = 16 * 2 ** 20;

/** Writes a key with all below it into a file, as `reg export` does. Throws `KeyNotThere` where there is none. */
export type ExportKey = (key: string, file: string, signal: AbortSignal) => Promise<void>;

export class KeyNotThere extends Error {
  readonly state: 'absent' | 'denied';
  constructor(message: string, state: 'absent' | 'denied') {
    super(message);
    this.state = state;
  }
}

/** By reg.exe, which every Windows has. Its messages are in the machine's language, so that only a refusal in English is known. */
export const exportKey: ExportKey = async (key, file, signal) => {
  if (process.platform !== 'win32') throw new KeyNotThere('this machine has no registry', 'absent');
  const program = await startProgram(['reg.exe', 'export', key, file, '/y'], { maxBytes: 4096, signal });
  for await (const _ of program.content);
  const { exitCode, killed, errorText } = await program.result();
  if (killed) signal.throwIfAborted();
  if (exitCode === 0) return;
  const state = failedState(errorText, 0) === 'denied' ? 'denied' : 'absent';
  throw new KeyNotThere(`${key}: ${errorText.split('\n', 1)[0] || `exit code ${exitCode}`}`, state);
};

/** Gathers registry keys as redacted text, one entry a key. A key that is not there takes nothing from the others. */
export async function gatherRegistry(
  source: string,
  item: { registry: readonly string[]; maxBytes?: number | undefined },
  context: GatherContext,
  exporting: ExportKey = exportKey,
): Promise<ItemOutcome> {
  const outcome: ItemOutcome = { state: 'ok', bytes: 0, masked: {} };
  const missing: KeyNotThere[] = [];
  const maxBytes = Math.min(item.maxBytes ?? defaultMaxBytes, context.maxBytesOf('files'));
  let left = maxBytes;
  let taken = 0;
  for (const key of item.registry) {
    const file = join(context.scratch, 'registry.reg.partial');
    try {
      await exporting(key, file, context.signal);
      let cut: string | null = null;
      async function* content(): AsyncGenerator<Buffer> {
        const decoded = createReadStream(file, { encoding: 'utf16le', highWaterMark: 256 * 1024 });
        for await (const line of registryText(withoutMark(decoded))) {
          context.signal.throwIfAborted();
          context.onProgress();
          const bytes = Buffer.from(line);
          left -= bytes.length;
          if (left < 0) {
            cut = `the item may bring ${formatBytes(maxBytes)}; what follows of ${key} left out`;
            yield cutMark(cut);
            return;
          }
          yield bytes;
        }
      }
      const entry = { path: `${source}/${key.replaceAll('\\', '/')}.reg.txt`, modifiedMs: context.nowMs() };
      const redacted = context.redactor.stream(content(), outcome.masked);
      const path = context.redactor.text(entry.path, {});
      const written = await context.writer.add({ ...entry, path }, countBytes(redacted, context));
      taken += 1;
      context.onRecords(1, 'keys');
      outcome.bytes += written.bytes;
      outcome.firstUnixMs ??= entry.modifiedMs;
      outcome.lastUnixMs = context.nowMs();
      if (cut !== null) Object.assign(outcome, { state: 'partial', reason: cut });
      context.onEntry({
        entry: written.parts.map((part) => `${part.volume}:${part.path}`),
        ...{ source, from: key, bytes: written.bytes, modified: null, cut },
      });
    } catch (error) {
      if (!(error instanceof KeyNotThere)) throw error;
      missing.push(error);
    } finally {
      await rm(file, { force: true });
    }
  }
  const denied = missing.find(({ state }) => state === 'denied');
  if (denied) return { ...outcome, state: taken > 0 ? 'partial' : 'denied', reason: denied.message };
  return taken > 0 ? outcome : { ...outcome, state: 'absent', reason: missing[0]?.message ?? 'no key is named' };
}

async function* withoutMark(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let first = true;
  for await (const chunk of chunks) {
    yield first ? chunk.replace(/^\ufeff/, '') : chunk;
    first = false;
  }
}
