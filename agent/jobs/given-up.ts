import { formatBytes } from '../../bundle/report-format.ts';
import { cutMark } from './gather-context.ts';
import { ItemTimeout } from './item-limit.ts';

interface GivenUp {
  /** What is missing and why. */
  cut: string;
  leftOutBytes: number;
}

/**
 * Passes a file's content on until its item is given up: then it ends there, with a mark where `marked` says that text can
 * stand. Every other error goes through.
 */
export function untilGivenUp(
  content: AsyncIterable<Buffer>,
  { bytes, marked }: { bytes: number; marked: boolean },
): { content: AsyncGenerator<Buffer>; givenUp(): GivenUp | undefined } {
  let givenUp: GivenUp | undefined;
  async function* passed(): AsyncGenerator<Buffer> {
    let done = 0;
    try {
      for await (const piece of content) {
        done += piece.length;
        yield piece;
      }
    } catch (error) {
      if (!(error instanceof ItemTimeout)) throw error;
      // All of it had come; what was missing was to be told so.
      if (bytes > 0 && done >= bytes) return;
      // Files of /proc say no size.
      const total = bytes > 0 ? ` of ${formatBytes(bytes)}` : '';
      const cut = `${formatBytes(done)}${total} had come ${error.how}; the rest left out`;
      givenUp = { cut, leftOutBytes: Math.max(0, bytes - done) };
      if (marked) yield Buffer.concat([Buffer.from('\n'), cutMark(cut)]);
    }
  }
  return { content: passed(), givenUp: () => givenUp };
}
