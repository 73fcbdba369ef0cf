import { isIP } from 'node:net';
import { SextantError } from '../../errors/sextant-error.ts';
import type { SiteName } from '../scanner/name-trie.ts';
import { createScanner } from '../scanner/scanner.ts';
import type { TextEncoding } from '../text-encoding.ts';
import { createFingerprints, wholeMark } from './fingerprint.ts';
import { createIdentityFinder } from './identity-finder.ts';
import { createLineRedactor } from './line-redactor.ts';
import { quietBytesOfSecondScan } from './long-line.ts';
import { count, type RedactionProfile, type RedactionTally } from './profile.ts';
import { createPseudonyms, type NameKind } from './pseudonyms.ts';
import { redactLines } from './redact-stream.ts';
import { secretFieldName } from './rule.ts';
import { isHostName, isPersonalName } from './rules/identities.ts';
import { rulesOf } from './rules.ts';
import { usableNames } from './site-names.ts';
import { createTextRedactor } from './text-redactor.ts';
import { patternsOf } from './trigger.ts';

export interface RedactorOptions {
  /** The site's key: fingerprints and pseudonyms are the same wherever it is used. 32 bytes. */
  key: Uint8Array;
  profile: RedactionProfile;
  /** Machines, accounts and domains of the site. */
  names?: readonly SiteName[];
  /** Told once of each name that got a pseudonym, so that the site can turn it back later. */
  onName?: (kind: NameKind, name: string, pseudonym: string) => void;
}

/** Takes secrets and identities out of what goes into a bundle, as `profile` says. */
export interface Redactor {
  readonly profile: RedactionProfile;
  /**
   * Redacts text on its way into an archive: whole lines, memory bounded by 1 MiB and one chunk. Bytes that are not replaced
   * come out as they went in, except that UTF-16 becomes UTF-8. Every byte is looked at again by the same rules before it
   * comes out; what they find there is replaced too and looked at once more. A hit there throws SX_REDACTION_LEAK, and
   * nothing of those lines comes out.
   */
  stream(
    source: AsyncIterable<Buffer> | Iterable<Buffer>,
    tally: RedactionTally,
    encoding?: Exclude<TextEncoding, 'binary'>,
  ): AsyncGenerator<Buffer>;
  /**
   * The second scan alone, for text that is redacted already: passes on what it has looked at, with line ends of its own, and
   * throws SX_REDACTION_LEAK at the first line in which a rule still finds something.
   */
  scanned(source: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer>;
  /** Redacts text of any number of lines. */
  text(text: string, tally: RedactionTally): string;
  /** Redacts every string of a JSON-like value, names of fields taken into account; names of fields too. */
  document<T>(value: T, tally: RedactionTally): T;
  /** What a machine of the site is called in the bundle; what it is by its kind (`syslog:`) stays. */
  node(name: string): string;
}

/** Counts, beside their rules, the values that only the second scan found: a fault of the first pass is told, not hidden. */
const secondScan = 'second-scan';

const userField =
  /(?:^|[._-])(?:user|username|user[._-]?name|account|account[._-]?name|login|owner|who|requested[._-]?by)$/i;
const hostField = /(?:^|[._-])(?:host|hostname|host[._-]?name|fqdn|node|computer|computer[._-]?name|workstation)$/i;

export function createRedactor(options: RedactorOptions): Redactor {
  const { profile } = options;
  if (profile === 'none') return passThrough;
  const names = usableNames(options.names ?? []);
  const rules = rulesOf(profile);
  const mark = createFingerprints(options.key);
  const pseudonyms = createPseudonyms(options.key, options.onName);
  const scanner = createScanner(patternsOf(rules), names);
  const identities = createIdentityFinder(scanner, pseudonyms, names, profile);
  const texts = createTextRedactor({ scanner, rules, mark, pseudonyms, identities });
  const parts = { scanner, text: texts, mark, identities };
  // Hints of the strict rules stand everywhere, and those rules look at single words.
  const cutRules = { low: 0, high: 0 };
  for (const [index, rule] of rules.entries()) {
    if (rule.profile !== undefined) continue;
    if (index < 31) cutRules.low |= 1 << index;
    else cutRules.high |= 1 << (index - 31);
  }
  const second = { scanner, cutRules, quietBytes: quietBytesOfSecondScan };

  async function* stream(
    source: AsyncIterable<Buffer> | Iterable<Buffer>,
    tally: RedactionTally,
    encoding: Exclude<TextEncoding, 'binary'> = 'bytes',
  ): AsyncGenerator<Buffer> {
    const first = { scanner, cutRules };
    const once = redactLines(inUtf8(source, encoding), createLineRedactor(parts, tally, false), first, tally);
    const hits: RedactionTally = {};
    for await (const chunk of redactLines(once, createLineRedactor(parts, hits, true), second, hits)) {
      // What stood for a name made one of its neighbour, for example: what was replaced now is looked at once more.
      if (Object.keys(hits).length > 0) {
        for (const rule of Object.keys(hits)) {
          const found = hits[rule] as number;
          tally[rule] = (tally[rule] ?? 0) + found;
          tally[secondScan] = (tally[secondScan] ?? 0) + found;
          delete hits[rule];
        }
        mustBeClean(chunk);
      }
      if (chunk.length > 0) yield chunk;
    }
  }

  const refuse = (hits: RedactionTally): void => {
    const found = Object.keys(hits).join(', ');
    if (found === '') return;
    throw new SextantError('SX_REDACTION_LEAK', `the second scan found what should have been replaced: ${found}`);
  };
  const mustBeClean = (lines: Buffer): void => {
    const hits: RedactionTally = {};
    const look = createLineRedactor(parts, hits, true);
    look.redact(lines, lines.length, true);
    look.finish();
    refuse(hits);
  };

  async function* scanned(source: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
    const hits: RedactionTally = {};
    for await (const checked of redactLines(source, createLineRedactor(parts, hits, true), second, hits)) {
      refuse(hits);
      if (checked.length > 0) yield checked;
    }
  }

  const text = (original: string, tally: RedactionTally): string => {
    const bytes = Buffer.from(original, 'utf8');
    const lines = createLineRedactor(parts, tally, true);
    const { output } = lines.redact(bytes, bytes.length, true);
    const rest = lines.finish();
    return output === bytes && rest.length === 0
      ? original
      : output.toString('utf8') + rest.toString('utf8').replace(/\n$/, '');
  };
  const field = (name: string, value: string, tally: RedactionTally): string => {
    if (value === '' || wholeMark.test(value)) return value;
    if (secretFieldName.test(name)) {
      count(tally, 'secret-field');
      return mark('secret-field', Buffer.from(value, 'utf8').toString('latin1'));
    }
    const redacted = text(value, tally);
    if (redacted !== value || !/^[\w.$\x80-\uffff-]{1,104}$/.test(value)) return redacted;
    if (userField.test(name) && isPersonalName(value)) {
      count(tally, 'user');
      return pseudonyms.name('user', value);
    }
    if (hostField.test(name) && isHostName(value) && !value.startsWith('@')) {
      count(tally, 'host');
      return pseudonyms.hostName(value);
    }
    return redacted;
  };
  const walk = (value: unknown, name: string, tally: RedactionTally): unknown => {
    if (typeof value === 'string') return field(name, value, tally);
    if (Array.isArray(value)) return value.map((item) => walk(item, name, tally));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [text(key, tally), walk(inner, key, tally)]),
      );
    }
    return value;
  };
  return {
    profile,
    stream,
    scanned,
    text,
    document: <T>(value: T, tally: RedactionTally): T => walk(value, '', tally) as T,
    node: (name) => {
      const kind = name.slice(0, name.indexOf(':') + 1);
      const own = name.slice(kind.length);
      return kind + (isIP(own) === 0 ? pseudonyms.hostName(own) : text(own, {}));
    },
  };
}

const passThrough: Redactor = {
  profile: 'none',
  async *stream(source, _tally, encoding = 'bytes') {
    yield* inUtf8(source, encoding);
  },
  async *scanned(source) {
    yield* source;
  },
  text: (text) => text,
  document: (value) => value,
  node: (name) => name,
};

async function* inUtf8(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  encoding: Exclude<TextEncoding, 'binary'>,
): AsyncGenerator<Buffer> {
  if (encoding === 'bytes') {
    yield* source;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}
