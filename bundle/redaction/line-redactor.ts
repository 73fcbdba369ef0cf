import { byteSet } from '../scanner/byte-pattern.ts';
import { eventCells, type Scanner } from '../scanner/scanner.ts';
import type { IdentityFinder } from './identity-finder.ts';
import type { Replacement } from './line-view.ts';
import { createPrivateKeyState } from './private-key.ts';
import { count, type RedactionTally } from './profile.ts';
import { Rewrite } from './rewrite.ts';
import { secretName } from './rule.ts';
import type { TextRedactor } from './text-redactor.ts';
import { createValueLines } from './value-lines.ts';

/** Bytes as characters, one each. */
const latin1 = (bytes: Buffer, start: number, end: number): string => bytes.toString('latin1', start, end);

/**
 * Ends with what has its value on one of the next lines: an opened element, a name of a name/value pair, an option in a
 * list. Such lines are redacted together.
 */
const wantsNextLine = new RegExp(
  `(?:<[A-Za-z0-9_.:-]{0,60}(?:password|passwd|pwd|secret|keymaterial)[^<>/]{0,100}>|(?:name|key|parameter|property|setting)["']?[ \\t]*[:=][ \\t]*["']?[A-Za-z0-9_.:-]{0,60}${secretName}["']?,?|${secretName}["'][ \\t]*:[ \\t]*[{[]|["']secure(?:string|object)["'],|["'](?:--?|/)(?:password|passwd|pass|pwd|token|secret|api-?key|client-?secret)["'],?|(?:^|[ \\t])(?:--?|/)[a-z-]{0,40}(?:password|passwd|pwd|(?<![a-z])pass|token|secret|(?:api|access|account|storage)-?key)[ \\t]+[\`\\\\]|(?:^|[ \\t\\n])-[ \\t]+--?[a-z-]{0,40}(?:password|passwd|pwd|(?<![a-z])pass|token|secret|(?:api|access)-?key)|ConvertTo-SecureString[^\\r\\n]{0,100}\`|N="Key">[A-Za-z0-9_.:-]{0,60}${secretName}</S>|<(?:key|name)>[A-Za-z0-9_.:-]{0,60}${secretName}</(?:key|name)>|<(?:[A-Za-z0-9]+:)?Password>[ \\t\\r\\n]*<PlainText>(?:true|false)</PlainText>|<[A-Za-z0-9_.:-]{0,60}(?:password|passwd|pwd|secret)>[ \\t\\r]*\\n[^<>\\r\\n]{1,128}|(?:name|key)["']?[ \\t]*[:=][ \\t]*["']?(?:[A-Za-z0-9_.:-]{0,60}[_-]pass|(?:proxy-)?authorization|(?:set-)?cookie|JSESSIONID|connect\\.sid)["']?,?)[ \\t\\r]*\\n?$`,
  'i',
);
const newline = 10;
/** What such a line ends with, blanks apart; nearly all other lines are told by it. */
const mayWantNextLine = (bytes: Buffer, start: number, stop: number): boolean => {
  let at = stop - 1;
  while (at > start && isBlank(bytes[at] as number)) at--;
  return wanting.has(bytes[at] as number);
};
const isBlank = (byte: number): boolean => byte === newline || byte === 13 || byte === 32 || byte === 9;
const wanting = byteSet('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ>"\',{[`\\');
const maxLinesTogether = 3;
/** A name at a line's end is not longer than this behind its hint. */
const hintToEnd = 48;

/** Redacts whole lines; what goes over several lines (keys, name/value pairs) is kept in mind from call to call. */
export interface LineRedactor {
  /**
   * Redacts `bytes` up to `end`, which is the end of a line (or of all). Returns the redacted bytes, the same object when
   * nothing was replaced, and how much of it was taken: lines that belong to the next one are left for the next call,
   * unless `last` says that there is none.
   */
  redact(bytes: Buffer, end: number, last: boolean): { output: Buffer; taken: number };
  /** Nothing goes over from the lines that it has had to the next ones: another one could go on with these. */
  readonly rests: boolean;
  /** What is still to be written when all lines have been. */
  finish(): Buffer;
}

/**
 * `settles`: what stands for an identity may make one of its neighbour, so a line in which one was found is redacted until it
 * rests. Without it, what comes out is to be looked at again.
 */
export function createLineRedactor(
  parts: {
    scanner: Scanner;
    text: TextRedactor;
    mark: (rule: string, secret: string) => string;
    identities: IdentityFinder;
  },
  tally: RedactionTally,
  settles: boolean,
): LineRedactor {
  const { scanner, text: texts, identities } = parts;
  const key = createPrivateKeyState(parts.mark, () => count(tally, 'private-key'));
  const values = createValueLines(parts.mark, () => count(tally, 'value-line'));

  let kept = new Int32Array(1024);

  return {
    redact: (bytes, end, last) => {
      const rewrite = new Rewrite(bytes, 0, end);
      let lineStart = 0;
      let lineStop = 0;
      let low = 0;
      let middle = 0;
      let high = 0;
      let lastHint = 0;
      let taken = end;
      const endOfLine = (from: number): number => {
        const found = bytes.indexOf(newline, from);
        return found === -1 || found >= end ? end : found + 1;
      };
      const replace = (start: number, stop: number, line: string, made: string): void => {
        if (made !== line) rewrite.replace(start, stop, made);
      };

      /** Where the last of the lines ends that belong together with this one; undefined when it has not come yet. */
      const together = (start: number, firstStop: number): number | undefined => {
        let stop = firstStop;
        for (let lines = 1; lines < maxLinesTogether; lines++) {
          if (
            (lines === 1 && !mayWantNextLine(bytes, start, stop)) ||
            !wantsNextLine.test(latin1(bytes, Math.max(start, stop - 256), stop))
          )
            return stop;
          if (stop >= end) return last ? stop : undefined;
          const next = endOfLine(stop);
          // A key is followed by itself.
          if (key.begins(latin1(bytes, stop, next))) return stop;
          stop = next;
        }
        return stop;
      };
      /** The lines from `from` to `to`, without what of them belongs to a key. */
      const withoutKeys = (from: number, to: number): string => {
        let text = '';
        for (let at = from; at < to; at = endOfLine(at)) {
          const line = latin1(bytes, at, endOfLine(at));
          text += key.open ? (key.take(line) ?? line) : line;
        }
        return text;
      };
      /** Takes lines while a key is open; returns where to go on. */
      const keyLines = (from: number): number => {
        let at = from;
        while (key.open && at < end) {
          let stop = endOfLine(at);
          const line = latin1(bytes, at, stop);
          const begun = key.begins(line);
          const made = begun ? key.begin(line) : key.take(line);
          if (made !== undefined) replace(at, stop, line, made === '' ? '' : texts.redact(made, tally));
          else {
            // Another's line: it is redacted as it would be elsewhere, and the key may go on behind it.
            replace(at, at, '', key.open ? key.flush() : key.finish());
            if (!key.open) return at;
            const all = together(at, stop);
            if (all === undefined) {
              taken = at;
              return at;
            }
            const lines = line + withoutKeys(stop, all);
            stop = all;
            replace(at, stop, latin1(bytes, at, stop), texts.redact(lines, tally));
          }
          at = stop;
        }
        return at;
      };
      /** Takes lines while a value is open; returns where to go on. */
      const valueLines = (from: number): number => {
        let at = from;
        while (values.open && at < end) {
          let stop = endOfLine(at);
          const line = latin1(bytes, at, stop);
          if (key.begins(line)) {
            values.close();
            return at;
          }
          const made = values.take(line);
          if (made !== undefined) replace(at, stop, line, texts.redact(made, tally));
          else if (!values.open) return at;
          else {
            const all = values.alone ? stop : together(at, stop);
            if (all === undefined) {
              taken = at;
              return at;
            }
            stop = all;
            const lines = latin1(bytes, at, stop);
            replace(at, stop, lines, texts.redact(lines, tally));
          }
          at = stop;
        }
        return at;
      };
      /** Puts the first `count` of the identities found last into a text. */
      const putIdentities = (into: Rewrite, count: number): void => {
        for (let at = 0; at < count; at++) {
          const { start, end, text } = identities.replacements[at] as Replacement;
          into.replace(start, end, text);
        }
      };
      /**
       * Replaces the identities of the line in hand, of which these events are. Returns what has become of the line where that
       * is at hand, or `wanted`; undefined when nothing was found.
       */
      const redactIdentities = (firstEvent: number, endOfEvents: number, wanted: boolean): string | undefined => {
        const found = identities.find(bytes, lineStart, lineStop, events, firstEvent, endOfEvents, tally);
        if (found === 0 || !(settles || wanted)) {
          putIdentities(rewrite, found);
          return undefined;
        }
        const line = new Rewrite(bytes, lineStart, lineStop);
        putIdentities(line, found);
        const once = line.finish(lineStop).toString('latin1');
        // What stands for an identity may make one of its neighbour: such a line is redacted until it rests.
        const made = settles ? texts.redact(once, tally) : once;
        rewrite.replace(lineStart, lineStop, made);
        return made;
      };
      /** Redacts the line in hand, in which these events are; returns where to go on. */
      const redactLine = (firstEvent: number, endOfEvents: number): number => {
        if ((low | middle | high) === 0) {
          redactIdentities(firstEvent, endOfEvents, false);
          return lineStop;
        }
        const line = latin1(bytes, lineStart, lineStop);
        if (key.begins(line)) {
          // What stands before the key on its line, or in its record, is looked at as well.
          const begun = key.begin(line);
          replace(lineStart, lineStop, line, texts.redact(begun, tally));
          return keyLines(lineStop);
        }
        if (values.begins(line)) {
          replace(lineStart, lineStop, line, texts.redactHinted(line, { low, middle, high }, tally));
          return valueLines(lineStop);
        }
        if (lineStop - lastHint < hintToEnd) {
          const stop = together(lineStart, lineStop);
          if (stop === undefined) {
            taken = lineStart;
            return end;
          }
          if (stop > lineStop) {
            const lines = latin1(bytes, lineStart, stop);
            const made = texts.redact(lines, tally);
            replace(lineStart, stop, lines, made);
            const lastLine = lines.slice(lines.lastIndexOf('\n', lines.length - 2) + 1);
            return made !== lines && values.goesOn(lastLine, made) ? valueLines(stop) : stop;
          }
        }
        const masked = texts.masked(line, { low, middle, high }, tally);
        let made: string | undefined;
        if (masked === line) {
          // What was seen of the line still holds.
          made = redactIdentities(firstEvent, endOfEvents, values.mayGoOn(line));
        } else {
          made = texts.redactMasked(line, masked, !settles, tally);
          replace(lineStart, lineStop, line, made);
        }
        return made !== undefined && made !== line && values.goesOn(line, made) ? valueLines(lineStop) : lineStop;
      };

      const begun = valueLines(keyLines(0));
      // A copy: what is looked at in between has the scanner's own.
      const seen = scanner.scan(bytes, begun, end);
      if (seen.length > kept.length) kept = new Int32Array(seen.length * 2);
      kept.set(seen);
      const events = kept;
      const eventCount = seen.length;
      let next = begun;
      for (let event = 0; event < eventCount && taken === end; ) {
        const at = events[event] as number;
        // A key or a group has taken lines behind the last one in which anything was seen.
        if (at < next) {
          event += eventCells;
          continue;
        }
        lineStart = Math.max(events[event + 2] as number, next);
        lineStop = events[event + 3] as number;
        low = 0;
        middle = 0;
        high = 0;
        const firstEvent = event;
        for (; event < eventCount && (events[event] as number) < lineStop; event += eventCells) {
          const { rules } = scanner.found(events[event + 1] as number);
          if (!rules) continue;
          low |= rules.low;
          middle |= rules.middle;
          high |= rules.high;
          lastHint = events[event] as number;
        }
        next = redactLine(firstEvent, event);
      }
      return { output: rewrite.finish(taken), taken };
    },
    get rests() {
      return !key.open && !values.open;
    },
    finish: () => Buffer.from(key.finish(), 'latin1'),
  };
}
