import type { SiteName } from '../scanner/name-trie.ts';
import { isWord, type LineView, utf8 } from './line-view.ts';
import type { RedactionProfile } from './profile.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { isHostName, isPersonalName } from './rules/identities.ts';
import { createWordMemory, hashedByte, wordHash } from './word-memory.ts';

const backslash = 92;
const slash = 47;
const dot = 46;
const dash = 45;
const underscore = 95;
const at_ = 64;
const blank = 32;
const percent = 37;
const colon = 58;
const equals = 61;
const letterS = 115;
const isQuote = (byte: number): boolean => byte === 34 || byte === 39 || byte === backslash;
const isBlank = (byte: number): boolean => byte === 32 || byte === 9;

/** What looks like the domain of a mail address and is a unit of systemd, a file, or the name of an algorithm. */
const noMailDomain =
  /(?:\.(?:service|socket|timer|target|slice|scope|mount|automount|device|path|swap|png|jpe?g|gif|svg|ico|js|ts|css|json|ya?ml|xml|dll|exe|so|py|sh|log|conf|cfg|sys|txt|md)|^(?:openssh\.com|libssh\.org|ssh\.com|lysator\.liu\.se|tinyssh\.org|putty\.projects\.tartarus\.org))$/i;
/** Words of ordinary logs: a machine or an account of such a name is looked for only where a name stands. */
const ordinary = new Set(
  'a an and any api app at auth backup bin bot boot by cache call client cluster code config core data db default demo dev disk dns do down error etc event file for from ftp get go group has host id if in info init is it job kernel key lab lib link list local lock log login mail main map mode name net network new no node none not ntp null of off ok old on one op or out pool port prod proc proxy put read root run sec self server service session set site sql ssh stage start state stop storage sys system task temp test time tmp to true type up update user users var via vm web with work write x y z'.split(
    ' ',
  ),
);
const rememberedNames = 4096;
const noHost = { length: 0, text: '' };
const isHostByte = (byte: number): boolean =>
  (byte < 128 && isWord(byte)) || byte === dot || byte === dash || byte === underscore;
const accountName = /^[A-Za-z0-9_\x80-\xff][A-Za-z0-9_.\x80-\xff-]{0,103}\$?/;

/** Finds names of people, machines and domains; what has been found goes into the view. */
export interface NameFinder {
  /** One of the site's names ends before `end`; true when it stands there as a word of its own. */
  siteName(index: number, end: number): boolean;
  /** `at`: the @ of what may be a mail address or an account of a domain. */
  mail(at: number): void;
  /** `start`: what follows a folder that holds the folders of users. */
  folder(start: number): void;
  /** `at`: the first byte after the backslashes of what may be a share. */
  share(at: number): void;
  /** `start`: what follows words that say that a name is next. */
  phrase(kind: 'user' | 'host', start: number): void;
  /** `end`: where the name of a field ends. */
  field(kind: 'user' | 'host', end: number): void;
}

export function createNameFinder(
  line: LineView,
  pseudonyms: Pseudonyms,
  names: readonly SiteName[],
  profile: RedactionProfile,
): NameFinder {
  const replacements = names.map(({ kind, name }) => pseudonyms.name(kind, name));
  const lengths = names.map(({ name }) => Buffer.byteLength(name, 'utf8'));
  const onlyWhereNamed = names.map(
    ({ name }) => name.length < 2 || /^\d+$/.test(name) || (profile !== 'strict' && ordinary.has(name.toLowerCase())),
  );
  const machines = new Set(names.filter(({ kind }) => kind !== 'user').map(({ name }) => name.toLowerCase()));
  const isOurs = (domain: string): boolean => {
    const lower = domain.toLowerCase();
    return machines.has(lower) || machines.has(lower.split('.')[0] ?? '');
  };

  /** `%5Cname`, `\nname` and `\u0022name`: the word begins behind what stands for another character. */
  const isEscape = (end: number): boolean =>
    /(?:%[0-9a-f]{2}|\\u00[0-9a-f]{2}|\\[nrt])$/i.test(line.slice(end - 6, end));
  const isNamed = (before: number, after: number, kind: SiteName['kind'], start: number): boolean => {
    if (before === backslash || before === at_ || after === at_ || after === backslash) return true;
    const lead = line.slice(start - 16, start).toLowerCase();
    return kind === 'user'
      ? /(?:\buser|\baccount|\blogin|name)["' =:]{1,4}$|\/home\/$|\bfor $/.test(lead)
      : /(?:\bhost|\bnode|\bserver|\bcomputer|name)["' =:]{1,4}$/.test(lead) || after === dot;
  };
  /** `DOMAIN\account` behind one of the site's domains. */
  const account = (end: number): void => {
    let start = end;
    if (line.at(start) === percent) start += 3;
    while (line.at(start) === backslash) start++;
    const text = accountName.exec(line.slice(start, start + 105))?.[0];
    const bare = text?.replace(/\$$|[.]+$/, '') ?? '';
    if (text === undefined || !isPersonalName(bare)) return;
    const kind = text.endsWith('$') ? 'host' : 'user';
    line.put(start, start + bare.length, pseudonyms.name(kind, utf8(bare)), kind);
  };

  /** The account before ` @ ` and one of the site's domains. */
  const client = (end: number): void => {
    const name = /[A-Za-z0-9_\x80-\xff][A-Za-z0-9_.\x80-\xff-]{0,63}$/.exec(line.slice(end - 64, end))?.[0];
    if (name === undefined || !isPersonalName(name) || isWord(line.at(end - name.length - 1))) return;
    line.putBefore(end - name.length, end, pseudonyms.name('user', utf8(name)), 'user');
  };

  const hosts = createWordMemory<{ length: number; text: string }>(rememberedNames);
  /** The name of a machine that these bytes begin with, and what stands for it; the same few come again and again. */
  const hostIn = (start: number, end: number, hash: number): { length: number; text: string } => {
    const known = hosts.get(line.bytes, start, end, hash);
    if (known !== undefined) return known;
    const text = line.slice(start, end);
    const name = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_-]{1,63}){0,6}(?![A-Za-z0-9_])/.exec(text)?.[0] ?? '';
    const made = isHostName(name) ? { length: name.length, text: pseudonyms.hostName(name) } : noHost;
    hosts.set(line.bytes, start, end, hash, made);
    return made;
  };

  const phrase = (kind: 'user' | 'host', from: number): void => {
    let start = from;
    while (start - from < 24 && isBlank(line.at(start))) start++;
    while (start - from < 32 && isQuote(line.at(start))) start++;
    if (kind === 'user') {
      const text = line.slice(start, start + 180);
      // DOMAIN\account: the domain stays for those who know it.
      const found =
        /^(?:([A-Za-z0-9][A-Za-z0-9.-]{0,63})\\{1,4})?([A-Za-z0-9_\x80-\xff][A-Za-z0-9_.$\x80-\xff-]{0,63})(?![A-Za-z0-9_])/.exec(
          text,
        );
      const name = found?.[2]?.replace(/[.$-]+$/, '') ?? '';
      if (found === null || !isPersonalName(name) || isOption(start + found[0].length)) return;
      // `'https://host'` is none.
      if (text.startsWith('://', found[0].length)) return;
      const at = start + found[0].length - (found[2] ?? '').length;
      line.put(at, at + name.length, pseudonyms.name('user', utf8(name)), 'user');
      return;
    }
    const { bytes, to } = line;
    const most = Math.min(start + 256, to);
    let end = start;
    let hash = wordHash;
    for (; end < most && isHostByte(bytes[end] as number); end++) hash = hashedByte(hash, bytes[end] as number);
    if (end === start) return;
    const { length, text } = hostIn(start, end, hash);
    if (length > 0 && !isOption(start + length)) line.put(start, start + length, text, 'host');
  };
  /** `for user sessions:` and `user: name = x` have another sign next: what was taken for a name is a word. */
  const isOption = (end: number): boolean => line.at(end) === equals;

  return {
    siteName: (index, end) => {
      const start = end - (lengths[index] as number);
      const before = line.at(start - 1);
      const after = line.at(end);
      if ((isWord(before) && !isEscape(start)) || isWord(after)) return false;
      const { kind, name } = names[index] as SiteName;
      // Our own `host-…` and `user-…`: nothing is put into a pseudonym.
      if (after === dash && /^(?:host|user|dom|guid)$/i.test(name)) {
        if (/^-[0-9a-hjkmnp-tv-z]{8}(?![0-9a-z])/.test(line.slice(end, end + 10))) return false;
      }
      if (onlyWhereNamed[index] && !isNamed(before, after, kind, start)) return false;
      line.put(start, end, replacements[index] as string, kind);
      // `jdoe @ CORP.EXAMPLE`, as Kerberos' klist has it on Windows.
      if (kind === 'domain' && before === blank && line.at(start - 2) === at_ && line.at(start - 3) === blank)
        client(start - 3);
      if (kind === 'domain' && (after === backslash || /^%5c/i.test(line.slice(end, end + 3)))) account(end);
      return true;
    },

    mail: (at) => {
      // `%40` is the same in a URL.
      const sign = line.at(at) === at_ ? at : at - 2;
      let start = sign;
      while (
        sign - start < 64 &&
        (isWord(line.at(start - 1)) || "_.+'-#$".includes(String.fromCharCode(line.at(start - 1))))
      )
        start--;
      if (line.at(start - 1) === percent) start += 2;
      while (start < sign && !isWord(line.at(start))) start++;
      let end = at + 1;
      while (end - at < 254 && (isWord(line.at(end)) || line.at(end) === dot || line.at(end) === dash)) end++;
      while (line.at(end - 1) === dot || line.at(end - 1) === dash) end--;
      const who = line.slice(start, sign);
      const domain = line.slice(at + 1, end);
      const ours = isOurs(domain);
      if (!ours && (!/\.[A-Za-z]{2,24}$/.test(domain) || noMailDomain.test(domain))) return;
      const bare = who.replace(/\$+$/, '');
      const kind = bare === who ? 'user' : 'host';
      if (bare !== '' && isPersonalName(bare))
        line.put(start, start + bare.length, pseudonyms.name(kind, utf8(bare)), kind);
      if (!ours) line.put(at + 1, end, pseudonyms.name('domain', domain), 'mail-domain');
    },

    folder: (from) => {
      const inUnix = line.at(from - 1) === slash;
      if (inUnix && isWord(line.at(from - 7))) return;
      let start = from;
      while (line.at(start) === backslash) start++;
      const rest = line.slice(start, start + 80);
      const length = rest.search(inUnix ? /[/\s"'<>|:;,)\]}\\]/ : /[\\/\r\n\t"'<>|:;,)\]}]/);
      let who = length === -1 ? rest : rest.slice(0, length);
      // A blank belongs to the name only when a folder follows it.
      if (who.includes(' ') && line.at(start + who.length) !== backslash) who = who.slice(0, who.indexOf(' '));
      who = who.replace(/[.]+$/, '');
      if (!/^[A-Za-z0-9_\x80-\xff][^*%${}]*$/.test(who) || !isPersonalName(who)) return;
      line.put(start, start + who.length, pseudonyms.name('user', utf8(who)), 'user');
    },

    share: (at) => {
      let slashes = 0;
      while (line.at(at - 1 - slashes) === backslash) slashes++;
      const before = line.at(at - 1 - slashes);
      if (slashes !== 2 && slashes !== 4 && slashes !== 8) return;
      if (isWord(before) || ':._)}%*$]'.includes(String.fromCharCode(before))) return;
      let end = at;
      while (end - at < 255 && (isWord(line.at(end)) || [dot, dash, underscore].includes(line.at(end)))) end++;
      let after = 0;
      while (line.at(end + after) === backslash) after++;
      const server = line.slice(at, end);
      if (after === slashes / 2 && isHostName(server)) line.put(at, end, pseudonyms.hostName(server), 'host');
    },

    phrase,

    field: (kind, end) => {
      let at = end;
      while (at - end < 4 && isQuote(line.at(at))) at++;
      const quoted = at;
      while (at - quoted < 24 && isBlank(line.at(at))) at++;
      const sign = line.at(at);
      if (sign !== colon && sign !== equals) return;
      const next = line.at(at + 1);
      if (next === equals || next === slash) return;
      at++;
      // `username:s:jdoe`, as files of Remote Desktop name the type.
      if (sign === colon && next === letterS && line.at(at + 1) === colon) at += 2;
      phrase(kind, at);
    },
  };
}
