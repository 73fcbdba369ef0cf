import { createPemState, type PemState } from './mask-pem.ts';
import { createSuspicionFinder, isSuspicious } from './mask-suspicion.ts';
import type { Masker, MaskTally } from './masker.ts';
import type { TextEncoding } from './text-encoding.ts';

/** A line longer than this is masked in pieces. */
const maxLineChars = 1024 * 1024;
/** A cut in a long line keeps this distance from anything that looks like a secret. */
const cutMargin = 256;
const searchSteps = 128;

/**
 * Masks text on its way into an archive: whole lines at a time, memory bounded by the longest line and one chunk.
 * Bytes that are not masked come out as they went in, except that UTF-16 becomes UTF-8.
 */
export async function* maskStream(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  masker: Masker,
  tally: MaskTally,
  encoding: Exclude<TextEncoding, 'binary'> = 'bytes',
): AsyncGenerator<Buffer> {
  const pem = createPemState(masker, tally);
  let carry = '';
  for await (const text of asByteText(source, encoding)) {
    const joined = carry + text;
    let end = joined.lastIndexOf('\n') + 1;
    if (joined.length - end > maxLineChars) end = safeCut(joined);
    carry = joined.slice(end);
    if (end > 0) yield Buffer.from(maskLines(joined.slice(0, end), masker, tally, pem), 'latin1');
  }
  if (carry !== '') yield Buffer.from(maskLines(carry, masker, tally, pem), 'latin1');
  const rest = pem.finish();
  if (rest !== '') yield Buffer.from(rest, 'latin1');
}

/** Strings in which one character stands for one byte: V8 keeps them at a byte a character, and patterns run fastest on them. */
async function* asByteText(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  encoding: Exclude<TextEncoding, 'binary'>,
): AsyncGenerator<string> {
  if (encoding === 'bytes') {
    for await (const chunk of source) yield chunk.toString('latin1');
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true })).toString('latin1');
  yield Buffer.from(decoder.decode()).toString('latin1');
}

/** Opening tag of a secret whose value stands on one of the next lines. */
const openElement = /<[A-Za-z0-9_.:-]{0,60}(?:password|passwd|pwd|secret|keymaterial)[^<>/]{0,100}>[ \t\r]*\n?$/i;

function maskLines(text: string, masker: Masker, tally: MaskTally, pem: PemState): string {
  const finder = createSuspicionFinder(text);
  let out = '';
  let done = 0;
  while (done < text.length) {
    if (pem.open) {
      const lineEnd = endOfLine(text, done);
      const taken = pem.take(text.slice(done, lineEnd));
      if (taken !== undefined) {
        out += taken;
        done = lineEnd;
        continue;
      }
      out += pem.finish();
    }
    const hit = finder.next(done);
    if (hit === -1) return done === 0 ? text : out + text.slice(done);
    const lineStart = Math.max(done, text.lastIndexOf('\n', hit) + 1);
    let lineEnd = endOfLine(text, hit);
    out += text.slice(done, lineStart);
    if (pem.begins(text.slice(lineStart, lineEnd))) {
      out += pem.begin(text.slice(lineStart, lineEnd));
    } else {
      for (
        let more = 0;
        more < 2 && lineEnd < text.length && openElement.test(text.slice(lineStart, lineEnd));
        more++
      ) {
        lineEnd = endOfLine(text, lineEnd);
      }
      out += masker.text(text.slice(lineStart, lineEnd), tally, 'bytes');
    }
    done = lineEnd;
  }
  return out;
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline + 1;
}

/** Where a long line may be cut: with nothing suspicious around. Everything may be suspicious; then the cut is where it is, and a secret across it is still masked on the side that shows what it is. */
function safeCut(text: string): number {
  for (let step = 1; step <= searchSteps; step++) {
    const cut = text.length - step * cutMargin;
    if (cut < cutMargin) break;
    if (!isSuspicious(text.slice(cut - cutMargin, cut + cutMargin))) return cut;
  }
  return text.length - cutMargin;
}
