import { hasRule, noRules, type RuleBits } from '../scanner/rule-bits.ts';
import { eventCells, type Scanner } from '../scanner/scanner.ts';
import { wholeMark } from './fingerprint.ts';
import type { IdentityFinder } from './identity-finder.ts';
import type { Replacement } from './line-view.ts';
import { count, type RedactionTally } from './profile.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import type { RedactionRule } from './rule.ts';

/** Quotes are the syntax around a secret, not part of it: the mark goes between them, so that JSON stays JSON. */
const quotes = /^(\\{0,7}["'])([\s\S]*?)(\\{0,7}["'])$/;
/** Longest start of a mark; a mark's own rule name (`command-line-password:`) looks like a secret's name. */
const markStartChars = 48;
const insideMark = (text: string, at: number): boolean =>
  /\[masked:[^\]]*$/.test(text.slice(Math.max(0, at - markStartChars), at));
const hasAny = (text: string, words: readonly string[]): boolean => {
  for (const word of words) if (text.includes(word)) return true;
  return false;
};
/** A second round finds nothing as a rule; what does not come to rest is left out. */
const maxRounds = 5;

export const leftOut = (what: string): string => `[sextant: left out: ${what}]`;

/** What one pass over a text finds. */
interface Seen {
  /** Rules of which the text has a hint. */
  hints: RuleBits;
  /** As the scanner gives them, `eventCount` numbers. */
  events: Int32Array;
  eventCount: number;
}

const noHints = noRules();

/**
 * Redacts a text as a whole: the rules of which it has hints, then identities, again until nothing changes any more. So a
 * text that comes out is one in which the same rules find nothing; one that does not come to rest is left out.
 */
export interface TextRedactor {
  /** Characters stand for bytes (latin1). */
  redact(text: string, tally: RedactionTally): string;
  /** The same with hints that are known already. */
  redactHinted(text: string, hints: RuleBits, tally: RedactionTally): string;
  /** The rules of these hints alone, once: no identities. The same text when they find nothing. */
  masked(text: string, hints: RuleBits, tally: RedactionTally): string;
  /** Goes on with what `masked` made of a text, until it rests; `once` without looking again, for what is scanned anyway. */
  redactMasked(text: string, masked: string, once: boolean, tally: RedactionTally): string;
}

export function createTextRedactor(parts: {
  scanner: Scanner;
  rules: readonly RedactionRule[];
  mark: (rule: string, secret: string) => string;
  pseudonyms: Pseudonyms;
  identities: IdentityFinder;
}): TextRedactor {
  const { scanner, rules, mark, pseudonyms, identities } = parts;

  /** What was seen last, by depth: the scanner's own array is overwritten when a nested text is looked at. */
  const seenAt: Seen[] = [];
  const look = (bytes: Buffer, depth: number): Seen => {
    seenAt[depth] ??= { hints: noRules(), events: new Int32Array(256), eventCount: 0 };
    const seen = seenAt[depth];
    const found = scanner.scan(bytes, 0, bytes.length);
    if (found.length > seen.events.length) seen.events = new Int32Array(found.length * 2);
    seen.events.set(found);
    seen.eventCount = found.length;
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let event = 1; event < found.length; event += eventCells) {
      const { rules } = scanner.found(found[event] as number);
      if (!rules) continue;
      low |= rules.low;
      middle |= rules.middle;
      high |= rules.high;
    }
    seen.hints = { low, middle, high };
    return seen;
  };
  const countIdentities = (bytes: Buffer, { events, eventCount }: Seen, tally: RedactionTally): number =>
    eventCount > 0 ? identities.find(bytes, 0, bytes.length, events, 0, eventCount, tally) : 0;

  const applyRules = (text: string, hints: RuleBits, tally: RedactionTally, depth: number): string => {
    if ((hints.low | hints.middle | hints.high) === 0) return text;
    let result = text;
    for (let index = 0; index < rules.length; index++) {
      if (!hasRule(hints, index)) continue;
      const rule = rules[index] as RedactionRule;
      if (!rule.needs || hasAny(result, rule.needs)) result = applyRule(result, rule, tally, depth);
    }
    return result;
  };

  // No String.replace: on a text without a match, as most are, it takes longer than the pattern itself.
  const applyRule = (text: string, rule: RedactionRule, tally: RedactionTally, depth: number): string => {
    const { pattern } = rule;
    let result = '';
    let done = 0;
    let next = 0;
    for (;;) {
      // A text within this one may have been looked at with the same pattern.
      pattern.lastIndex = next;
      const found = pattern.exec(text);
      if (found === null) break;
      const [whole] = found;
      next = whole === '' ? pattern.lastIndex + 1 : pattern.lastIndex;
      const made = replaced(found, rule, tally, depth);
      if (made === whole) continue;
      result += text.slice(done, found.index) + made;
      done = found.index + whole.length;
    }
    return done === 0 ? text : result + text.slice(done);
  };

  /** What is to stand for a match: the match itself, when it is none of a secret. */
  const replaced = (found: RegExpExecArray, rule: RedactionRule, tally: RedactionTally, depth: number): string => {
    const [whole] = found;
    const secret = found.groups?.secret;
    if (!secret || (rule.accept && !rule.accept(secret))) return whole;
    const quoted = quotes.exec(secret);
    const [open, inner, close] = quoted ? [quoted[1] ?? '', quoted[2] ?? '', quoted[3] ?? ''] : ['', secret, ''];
    if (inner === '' || wholeMark.test(inner)) return whole;
    // The last occurrence: what stands before the secret (a user, a name) may be equal to it.
    const at = whole.lastIndexOf(secret);
    if (insideMark(found.input, found.index + at)) return whole;
    const made = replacementFor(rule, inner, tally, depth);
    if (made === undefined) return whole;
    if (!rule.nested) count(tally, rule.name);
    return whole.slice(0, at) + open + made + close + whole.slice(at + secret.length);
  };

  const replacementFor = (
    rule: RedactionRule,
    inner: string,
    tally: RedactionTally,
    depth: number,
  ): string | undefined => {
    if (rule.nested === 'base64') return insideBase64(inner, tally, depth);
    if (rule.identity) return pseudonyms.name('guid', inner);
    return mark(rule.name, inner);
  };

  const insideBase64 = (encoded: string, tally: RedactionTally, depth: number): string | undefined => {
    // As auditd has it, with zeros between words; no base64 of a command is made of these digits alone.
    const inHex = /^(?:[0-9A-F]{2}){4,}$/.test(encoded);
    const bytes = inHex ? spaced(Buffer.from(encoded, 'hex')) : Buffer.from(encoded, 'base64');
    const wide = bytes.length > 3 && bytes.length % 2 === 0 && bytes[1] === 0 && bytes[3] === 0;
    const text = bytes.toString(wide ? 'utf16le' : 'utf8');
    if (/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) || text.length < 4) return undefined;
    // What is wrapped again and again to hide it is not looked into for ever: it is masked whole.
    if (depth >= 3) {
      count(tally, 'encoded-command');
      return mark('encoded-command', encoded);
    }
    const plain = Buffer.from(text, 'utf8').toString('latin1');
    const redacted = settle(plain, undefined, tally, depth + 1);
    if (redacted === plain) return undefined;
    const inner = Buffer.from(redacted, 'latin1');
    if (inHex) return inner.toString('hex').toUpperCase();
    return (wide ? Buffer.from(inner.toString('utf8'), 'utf16le') : inner).toString('base64');
  };

  const settle = (
    original: string,
    known: RuleBits | undefined,
    tally: RedactionTally,
    depth: number,
    once = false,
    alreadyMasked?: string,
  ): string => {
    let text = original;
    let hints = known;
    for (let round = 0; round < maxRounds; round++) {
      let bytes: Buffer | undefined;
      let seen: Seen | undefined;
      if (hints === undefined) {
        bytes = Buffer.from(text, 'latin1');
        seen = look(bytes, depth);
        hints = seen.hints;
      }
      const masked = round === 0 && alreadyMasked !== undefined ? alreadyMasked : applyRules(text, hints, tally, depth);
      if (bytes === undefined || seen === undefined || masked !== text) {
        bytes = Buffer.from(masked, 'latin1');
        seen = look(bytes, depth);
      }
      const found = countIdentities(bytes, seen, tally);
      const replaced = found > 0 ? withReplacements(masked, identities.replacements, found) : masked;
      if (replaced === text || once) return replaced;
      text = replaced;
      hints = found > 0 ? undefined : seen.hints;
    }
    count(tally, 'left-out');
    return leftOut('it could not be redacted') + (original.endsWith('\n') ? '\n' : '');
  };

  return {
    redact: (text, tally) => settle(text, undefined, tally, 0),
    redactHinted: (text, hints, tally) => settle(text, hints, tally, 0),
    masked: (text, hints, tally) => applyRules(text, hints, tally, 0),
    redactMasked: (text, masked, once, tally) => settle(text, noHints, tally, 0, once, masked),
  };
}

const spaced = (bytes: Buffer): Buffer => bytes.map((byte) => (byte === 0 ? 32 : byte)) as Buffer;

/** The text with the first `count` replacements, which are in order and do not overlap. */
function withReplacements(text: string, replacements: readonly Readonly<Replacement>[], count: number): string {
  let result = '';
  let done = 0;
  for (let at = 0; at < count; at++) {
    const { start, end, text: replacement } = replacements[at] as Replacement;
    result += text.slice(done, start) + replacement;
    done = end;
  }
  return result + text.slice(done);
}
