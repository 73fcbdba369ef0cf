import picomatch from 'picomatch';

/**
 * What those who match globs take, and what keeps the time of a match small. picomatch takes 64 Ki characters and refuses
 * less when its expression becomes too large; on a name of 100 characters, `*a` six times over takes 9.6 s and five times
 * 0.6 s, `**` seven times 12 s and five times 0.2 s (2026-11-29, 2 cores, 24 GiB); Node's own glob walks once for each
 * variant of its braces.
 */
const bounds = { chars: 4096, stars: 4, globstars: 4, variants: 1000, depth: 16 };

/** How much a part of a glob leaves open. */
interface Openness {
  /** Most stars in one name. */
  stars: number;
  /** Times that `**` stands for any folders. */
  globstars: number;
  /** Texts that braces stand for. */
  variants: number;
}

const tooMany = (what: string, most: number): string => `has more than ${most} ${what}; name several narrower ones`;

/** Why nobody takes a glob at all. */
export function globRefusal(glob: string): string | undefined {
  if (glob === '') return 'is empty; take it out';
  if (glob.length > bounds.chars) {
    return `is a glob of more than ${bounds.chars} characters; name several shorter ones`;
  }
  if (glob.includes('\0')) return 'has a character of no path (NUL); take it out';
  try {
    picomatch(glob, { dot: true });
    return undefined;
  } catch {
    return 'cannot be read as a glob; close what it opens, or put a \\ before it';
  }
}

/** Why a glob will not do, because nobody takes it or because it would take too long: a phrase that follows it, with what to do. */
export function globFault(glob: string): string | undefined {
  const refused = globRefusal(glob);
  if (refused !== undefined) return refused;
  try {
    const { stars, globstars, variants } = new Reading(glob).sequence('', 0);
    if (stars > bounds.stars) return tooMany('`*` in one name', bounds.stars);
    if (globstars > bounds.globstars) return tooMany('`**`', bounds.globstars);
    if (variants > bounds.variants) return tooMany('variants in its braces', bounds.variants);
    return undefined;
  } catch (error) {
    if (error instanceof GlobFault) return error.message;
    throw error;
  }
}

class GlobFault extends Error {}

/** One reading from left to right. Over-counts rather than too little: a group counts with its most open alternative. */
class Reading {
  readonly #glob: string;
  /** With a drive or a share in front, a backslash parts folders; else it takes the next character as it is. */
  readonly #isWindows: boolean;
  #at = 0;

  constructor(glob: string) {
    this.#glob = glob;
    this.#isWindows = /^(?:[A-Za-z]:\\|\\\\)/.test(glob);
  }

  /** Up to one of these characters, which is left, or to the end. */
  sequence(ends: string, depth: number): Openness {
    if (depth > bounds.depth)
      throw new GlobFault(`nests deeper than ${bounds.depth} groups; name several simpler ones`);
    const all: Openness = { stars: 0, globstars: 0, variants: 1 };
    let here = 0;
    let begins = this.#at;
    const add = (inner: Openness): void => {
      here += inner.stars;
      all.globstars += inner.globstars;
      all.variants = Math.min(all.variants * inner.variants, Number.MAX_SAFE_INTEGER);
    };
    for (let next = this.#glob[this.#at]; next !== undefined && !ends.includes(next); next = this.#glob[this.#at]) {
      this.#at += 1;
      if (next === '/' || (next === '\\' && this.#isWindows)) {
        all.stars = Math.max(all.stars, here);
        here = 0;
        begins = this.#at;
      } else if (next === '\\') this.#at += 1;
      else if (next === '[') this.#skipClass();
      else if (next === '{') add(this.#braces(depth));
      else if (next === '(') here += this.#group(false);
      else if ('*+?@!'.includes(next) && this.#glob[this.#at] === '(') {
        this.#at += 1;
        here += this.#group(next === '*' || next === '+');
        if (next !== '@' && next !== '?') here += 1;
      } else if (next === '*') {
        const isAlone = this.#at - 1 === begins;
        const from = this.#at;
        // The last star before a bracket makes it a repeated group.
        while (this.#glob[this.#at] === '*' && this.#glob[this.#at + 1] !== '(') this.#at += 1;
        const isFolders = isAlone && this.#at > from && /^(?:[/\\]|$)/.test(this.#glob.slice(this.#at, this.#at + 1));
        if (isFolders) all.globstars += 1;
        else here += 1;
      } else if (next === '+' && ')]}'.includes(this.#glob[this.#at - 2] ?? '')) {
        throw new GlobFault('repeats what stands before a +; write +(…), or a \\ before the +');
      }
    }
    all.stars = Math.max(all.stars, here);
    return all;
  }

  #skipClass(): void {
    // `[]a]` and `[!]a]` have a bracket as their first character.
    const end = this.#glob.indexOf(']', this.#at + (this.#glob[this.#at] === '!' ? 2 : 1));
    if (end >= 0) this.#at = end + 1;
  }

  /** Words and stars alone may be in brackets: the rest becomes an expression whose time may grow exponentially. */
  #group(repeats: boolean): number {
    const inner = group.exec(this.#glob.slice(this.#at, this.#at + bounds.chars))?.[0];
    if (inner === undefined) {
      throw new GlobFault('has something else than words in brackets; write (one|two), or a \\ before the bracket');
    }
    this.#at += inner.length;
    if (repeats && /[|*]/.test(inner)) throw new GlobFault('repeats more than one word; write `*` instead');
    return Math.max(...inner.split('|').map((word) => (word.match(/\*+/g) ?? []).length));
  }

  #braces(depth: number): Openness {
    const from = this.#at;
    const range = /^(-?\d{1,15})\.\.(-?\d{1,15})(?:\.\.-?\d+)?\}/.exec(this.#glob.slice(from, from + 60));
    if (range) {
      this.#at += range[0].length;
      return { stars: 0, globstars: 0, variants: Math.abs(Number(range[1]) - Number(range[2])) + 1 };
    }
    const alternatives: Openness[] = [];
    for (let end: string | undefined = ','; end === ','; this.#at += 1) {
      alternatives.push(this.sequence(',}', depth + 1));
      end = this.#glob[this.#at];
      if (end === undefined) throw new GlobFault('has a { that is not closed; close it, or put a \\ before it');
    }
    return { ...mostOpen(alternatives), variants: alternatives.reduce((sum, { variants }) => sum + variants, 0) };
  }
}

const mostOpen = (all: readonly Openness[]): Pick<Openness, 'stars' | 'globstars'> => ({
  stars: Math.max(...all.map(({ stars }) => stars)),
  globstars: Math.max(...all.map(({ globstars }) => globstars)),
});

const group = /^[^()|{}+?![\]\\/@]+(?:\|[^()|{}+?![\]\\/@]+)*\)/;
