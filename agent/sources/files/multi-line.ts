import { ByteWriter } from '../../../protocol/otlp/byte-writer.ts';
import type { LineHandler, SplitPart } from './lines.ts';
import { type LinePattern, lookAtBytes } from './pattern/pattern.ts';

/** How several lines make one record. */
export interface MultiLine {
  /** A line that matches begins a record. */
  start: LinePattern | undefined;
  /** A line that matches goes on with the record before it; without `start` every other line begins one. */
  continue: LinePattern | undefined;
  maxLines: number;
  /** A record is complete when nothing was added for this long. */
  flushAfterMs: number;
}

/** With both patterns a line that matches neither stands for itself. */
function begins(rule: MultiLine, line: string): boolean {
  if (rule.start?.test(line)) return true;
  return rule.continue === undefined ? false : !rule.continue.test(line);
}

export interface RecordGatherer {
  readonly onLine: LineHandler;
  /**
   * Ends a chunk. With `flush` what was gathered is handed out; else it is forgotten, and the place where it begins is
   * returned: it is to be read again with what follows. What fills a whole chunk (`full`) is handed out as a part.
   * `undefined` when nothing was held back.
   */
  end(flush: boolean, full: boolean): number | undefined;
  /** The last record handed out goes on in lines to come. */
  readonly continuing: boolean;
}

/**
 * Puts lines together to records, which are handed out when the next one begins. What grows beyond `maxLines` or
 * `maxBytes` comes in several records that are marked as parts.
 */
export function createRecordGatherer(
  rule: MultiLine,
  maxBytes: number,
  wasContinuing: boolean,
  onRecord: LineHandler,
): RecordGatherer {
  const gathered = new ByteWriter(4096);
  let lines = 0;
  let place = 0;
  let continuing = wasContinuing;

  function close(goesOn: boolean): void {
    if (lines === 0) return;
    const part: SplitPart = goesOn ? (continuing ? 'middle' : 'start') : continuing ? 'end' : undefined;
    onRecord(gathered.buffer, 0, gathered.length, place, part);
    gathered.reset();
    lines = 0;
    continuing = goesOn;
  }

  return {
    get continuing() {
      return continuing;
    },
    onLine(bytes, start, end, linePlace, part) {
      if (part) {
        // A single line beyond the limit is in parts already.
        close(false);
        continuing = false;
        onRecord(bytes, start, end, linePlace, part);
        return;
      }
      if (begins(rule, bytes.toString('utf8', start, Math.min(end, start + lookAtBytes)))) {
        close(false);
        continuing = false;
      } else if (lines >= rule.maxLines || (lines > 0 && gathered.length + end - start >= maxBytes)) close(true);
      if (lines === 0) place = linePlace;
      else gathered.bytes(newline);
      gathered.bytes(bytes.subarray(start, end));
      lines += 1;
    },
    end(flush, full) {
      if (lines === 0) return undefined;
      if (!flush && !(full && place === 0)) return place;
      close(!flush);
      return undefined;
    },
  };
}

const newline = Buffer.from('\n');
