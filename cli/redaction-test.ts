import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { RedactionTally } from '../bundle/redaction/profile.ts';
import { createRedactor, type Redactor } from '../bundle/redaction/redactor.ts';
import type { SiteName } from '../bundle/scanner/name-trie.ts';
import { sniffBytes, sniffEncoding } from '../bundle/text-encoding.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { paint, wantsColor } from './color.ts';
import { unreadable } from './named-path.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import type { RedactionTestOptions } from './redaction.ts';

const pieceBytes = 256 * 1024;
const replaced =
  /\[masked:[a-z-]+:[0-9a-f]{8}\]|(?:host|user|dom|guid)-[0-9a-hjkmnp-tv-z]{8}(?:\.dom-[0-9a-z]{8})?|\[sextant: [^\]]*\]/g;

/** Redacts a file as a bundle would, and shows which lines change and how often each rule acted. Writes nothing. */
export async function testRedaction(path: string, options: RedactionTestOptions): Promise<void> {
  const bytes = await stat(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  if (!bytes.isFile()) {
    throw new SextantError('SX_BAD_REQUEST', `${path} is not a file`, { nextStep: 'name one text file' });
  }
  const file = await open(path, 'r').catch((cause) => {
    throw unreadable(path, cause);
  });
  try {
    const head = Buffer.alloc(sniffBytes);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const encoding = sniffEncoding(head.subarray(0, bytesRead));
    if (encoding === 'binary') {
      throw new SextantError('SX_BAD_REQUEST', `${path} is binary: a bundle leaves it out, and says so`, {
        nextStep: 'choose a text file',
      });
    }
    const redactor = createRedactor({ ...keyAndNames(options), profile: options.profile });
    const pieces = file.createReadStream({ start: 0, highWaterMark: pieceBytes, autoClose: false });
    const tally: RedactionTally = {};
    const shown = await compare(pieces, redactor, encoding, tally, options);
    if (options.json) {
      await print(`${JSON.stringify({ file: path, profile: options.profile, encoding, ...shown, rules: tally })}\n`);
      return;
    }
    const rules = Object.entries(tally).sort((a, b) => b[1] - a[1]);
    const lines = rules.map(([rule, count]) => `${String(count).padStart(8)}  ${rule}\n`).join('');
    await print(`\n${shown.changed} of ${shown.lines} lines changed (profile ${options.profile}).\n${lines}`);
  } finally {
    await file.close();
  }
}

/** Prints the first changed lines, as they would leave the site: what was there is never shown. */
async function compare(
  pieces: AsyncIterable<Buffer>,
  redactor: Redactor,
  encoding: 'bytes' | 'utf-16le' | 'utf-16be',
  tally: RedactionTally,
  options: RedactionTestOptions,
): Promise<{ lines: number; changed: number }> {
  const color = wantsColor(process.stdout);
  let lines = 0;
  let changed = 0;
  let carry = '';
  const line = async (text: string): Promise<void> => {
    lines++;
    // A line that was redacted before looks the same as one that is redacted now.
    const marks =
      text.match(replaced) ??
      /\b\d{1,3}(?:\.\d{1,3}){0,2}\.(?:25[6-9]|2[6-9]\d|[345]\d\d)\b|(?:[:-][g-v]{2}){3}|:[g-v]{4}\b/.exec(text);
    if (!marks) return;
    changed++;
    if (options.json || changed > options.lines) return;
    const safe = printable(text.slice(0, 2000));
    const marked = color ? safe.replace(replaced, (mark) => paint(mark, 'yellow')) : safe;
    await print(`${String(lines).padStart(6)}  ${marked}\n`);
  };
  for await (const chunk of redactor.stream(pieces, tally, encoding)) {
    const text = carry + chunk.toString('utf8');
    const all = text.split('\n');
    carry = all.pop() ?? '';
    for (const one of all) await line(one);
  }
  if (carry !== '') await line(carry);
  return { lines, changed };
}

/** The collector's key and names when this user may read them; a passing key otherwise. */
function keyAndNames(options: RedactionTestOptions): { key: Uint8Array; names: SiteName[] } {
  const names: SiteName[] = [{ kind: 'host', name: hostname() }];
  for (const text of options.name) {
    const match = /^(host|user|domain):(.+)$/.exec(text);
    if (!match?.[2])
      throw new SextantError('SX_BAD_REQUEST', `--name ${text} says no kind`, {
        nextStep: 'write host:NAME, user:NAME or domain:NAME',
      });
    names.push({ kind: match[1] as SiteName['kind'], name: match[2] });
  }
  const path = join(options.dataDir, 'collector', 'keys', 'redaction.key');
  const key = existsSync(path) ? Buffer.from(readFileSync(path, 'utf8').trim(), 'hex') : randomBytes(32);
  return { key, names };
}
