import { type BytePattern, byteSet } from '../scanner/byte-pattern.ts';
import { createScanner } from '../scanner/scanner.ts';

/** What a record must have to be of interest: a part of its text, or an attribute. */
export type RecordHint = { text: string } | { attribute: string; value: string };

/** How a text stands in a line of JSON, without the quotes around it. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const spell = (text: string): BytePattern['steps'] =>
  [...Buffer.from(text, 'utf8').toString('latin1')].map((character) => byteSet(character));

/**
 * Tells from the bytes of a line (`logs/…/*.ndjson`) whether its record may have one of the hints. Reading a record and trying
 * all analyzers on it costs ten times as much, and most records have none.
 */
export function createRecordSieve(hints: readonly RecordHint[]): (line: Uint8Array) => boolean {
  // A line with an escaped character is read: another program may have escaped what ours does not.
  const texts = new Set(['\\u', ...hints.map(spelled)]);
  const patterns = [...texts].map((text): BytePattern => ({ steps: spell(text), triggers: 1, rule: -1, gateFrom: 0 }));
  const scanner = createScanner(patterns, []);
  return (line) => !isWhole(line) || scanner.scan(line, 0, line.length).length > 0;
}

const begin = Buffer.from('{"timestamp":"');
/** Begins and ends as a record does; what does not is read, so that it is counted as unread. */
function isWhole(line: Uint8Array): boolean {
  if (line[line.length - 1] !== 125) return false;
  for (let at = 0; at < begin.length; at++) if (line[at] !== begin[at]) return false;
  return true;
}

const spelled = (hint: RecordHint): string =>
  'text' in hint ? inJson(hint.text) : `${JSON.stringify(hint.attribute)}:${JSON.stringify(hint.value)}`;
