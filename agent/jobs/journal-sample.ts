/** What a piece of the journal is: entries of `[fromMs, untilMs)` from the oldest on, at most about `maxBytes` of them. */
export type ReadJournal = (
  fromMs: number,
  untilMs: number,
  maxBytes: number,
) => Promise<{ content: Buffer; complete: boolean; lastMs: number | undefined }>;

export interface JournalSample {
  /** Of the whole window. */
  bytes: number;
  /** Whether all of it was read. */
  exact: boolean;
  pieces: Buffer[];
}

const parts = 12;
const bytesPerPart = 192 * 1024;

/**
 * Tells how much a journal holds of a window without reading all of it: of each twelfth the beginning is read, and what
 * it takes in its time stands for the rest of that twelfth. Bursts shorter than that can be missed or taken for the rule.
 */
export async function sampleJournal(
  read: ReadJournal,
  { fromUnixMs, untilUnixMs }: { fromUnixMs: number; untilUnixMs: number },
): Promise<JournalSample> {
  const sample: JournalSample = { bytes: 0, exact: true, pieces: [] };
  // journalctl takes whole seconds: shorter parts would overlap.
  const partMs = Math.max(1000, Math.ceil((untilUnixMs - fromUnixMs) / parts / 1000) * 1000);
  for (let at = fromUnixMs; at < untilUnixMs; at += partMs) {
    const until = Math.min(untilUnixMs, at + partMs);
    const { content, complete, lastMs } = await read(at, until, bytesPerPart);
    sample.pieces.push(content);
    if (complete || lastMs === undefined) {
      sample.bytes += content.length;
      continue;
    }
    sample.exact = false;
    // Many entries of one moment tell no rate; a second is what the journal is asked in.
    const spanMs = Math.max(1000, Math.min(until - at, lastMs - at));
    sample.bytes += Math.round((content.length / spanMs) * Math.max(spanMs, until - at));
  }
  return sample;
}
