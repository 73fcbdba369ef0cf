/** Streams of a container, by their number in a header. */
export const criStreams = ['stdout', 'stderr'] as const;
export type CriStream = (typeof criStreams)[number];

/** `2026-11-28T10:00:00Z` is the shortest time. */
const minTimeBytes = 20;
/** With nine digits and a zone: 35. */
const maxTimeBytes = 40;
const [space, colon, full, partial] = [32, 58, 70, 80];
const names = criStreams.map((name) => Buffer.from(`${name} `));
const streamBytes = 7;

/**
 * Reads the header that container runtimes put before each line (Kubernetes' CRI logging format):
 * `TIME STREAM TAGS TEXT`, whose first tag is `F`, or `P` for a line that goes on in the next one of its stream.
 */
export class CriLine {
  stream: CriStream = 'stdout';
  isPartial = false;
  /** Where the text begins. */
  textAt = 0;

  /** True when the line in `[start, end)` has such a header; the time is not looked at beyond its length. */
  read(bytes: Buffer, start: number, end: number): boolean {
    const first = bytes[start] as number;
    if (first < 48 || first > 57) return false;
    let behindTime = start + minTimeBytes;
    // Not by indexOf: a line without spaces would be looked for over all that follow.
    for (const last = Math.min(start + maxTimeBytes, end); bytes[behindTime] !== space; behindTime += 1) {
      if (behindTime >= last) return false;
    }
    const at = behindTime + 1;
    const stream = names.findIndex(
      (name) => bytes.compare(name, 0, streamBytes, at, Math.min(at + streamBytes, end)) === 0,
    );
    const tag = at + streamBytes;
    if (stream < 0 || tag >= end || (bytes[tag] !== full && bytes[tag] !== partial)) return false;
    let behind = tag + 1;
    // Further tags.
    if (behind < end && bytes[behind] === colon) while (behind < end && bytes[behind] !== space) behind += 1;
    if (behind < end && bytes[behind] !== space) return false;
    this.stream = criStreams[stream] ?? 'stdout';
    this.isPartial = bytes[tag] === partial;
    this.textAt = Math.min(behind + 1, end);
    return true;
  }
}
