import { isIP } from 'node:net';
import type { TextEncoding } from '../text-encoding.ts';
import { wholeMark } from './fingerprint.ts';
import { createFirstPass } from './first-pass/first-pass.ts';
import type { createThreadedFirstPass } from './first-pass/threaded-first-pass.ts';
import { createLineRedactor } from './line-redactor.ts';
import { count, type RedactionProfile, type RedactionTally } from './profile.ts';
import { createRedactionParts, type RedactionOptions } from './redaction-parts.ts';
import { secretFieldName } from './rule.ts';
import { isHostName, isPersonalName } from './rules/identities.ts';
import { createSecondScan } from './second-scan.ts';

export interface RedactorOptions extends RedactionOptions {
  /** `createThreadedFirstPass` where a core is to spare; otherwise the first pass takes turns with the second scan. */
  firstPass?: typeof createThreadedFirstPass;
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
  /** Ends what runs beside it. Texts that are under way fail. */
  close(): Promise<void>;
}

const userField =
  /(?:^|[._-])(?:user|username|user[._-]?name|account|account[._-]?name|login|owner|who|requested[._-]?by)$/i;
const hostField = /(?:^|[._-])(?:host|hostname|host[._-]?name|fqdn|node|computer|computer[._-]?name|workstation)$/i;

export function createRedactor(options: RedactorOptions): Redactor {
  const { profile } = options;
  if (profile === 'none') return passThrough;
  const parts = createRedactionParts(options);
  const { mark, pseudonyms } = parts;
  const inline = createFirstPass(parts);
  const second = createSecondScan(parts);
  const { key, names = [] } = options;
  const threaded = options.firstPass?.({ key, profile, names }, inline, pseudonyms);

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
    stream: (source, tally, encoding = 'bytes') =>
      second.pass((threaded ?? inline).pass(inUtf8(source, encoding), tally), tally),
    scanned: second.mustBeClean,
    close: async () => threaded?.close(),
    text,
    document: <T>(value: T, tally: RedactionTally): T => walk(value, '', tally) as T,
    node: (name) => {
      // The collector itself; no machine can be called so.
      if (name.startsWith('@')) return name;
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
  close: async () => undefined,
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
