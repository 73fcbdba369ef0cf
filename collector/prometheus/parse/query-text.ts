import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { badData } from '../failure.ts';
import { readNumber, readString } from './literals.ts';

const strict = parser.configure({ strict: true });

export const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

const longestMs = 100 * 31_536_000_000;

/** What stands between parts and is none. */
export const punctuation = new Set(['(', ')', ',', '[', ']', ':', '{', '}']);

/** The text of a query: its tree, what stands at a node, and the place of what is wrong with it. */
export class QueryText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The grammar's tree of it. Throws with the place where it is none. */
  parse() {
    try {
      return strict.parse(this.#text);
    } catch (error) {
      const at = /^No parse at (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
      if (at === undefined) throw error;
      const rest = shorten(this.#text.slice(Number(at)));
      throw this.#failure(Number(at), rest === '' ? 'unexpected end of input' : `unexpected ${JSON.stringify(rest)}`);
    }
  }

  #failure(at: number, message: string) {
    const before = this.#text.slice(0, at).split('\n');
    return badData(`${before.length}:${(before.at(-1)?.length ?? 0) + 1}: parse error: ${message}`);
  }

  /** Throws with the place of the node. */
  fail(node: SyntaxNode, message: string): never {
    throw this.#failure(node.from, message);
  }

  /** As they are written. */
  words = (node: SyntaxNode): string => this.#text.slice(node.from, node.to);

  /** The one child that is not punctuation. */
  only(node: SyntaxNode, children: SyntaxNode[]): SyntaxNode {
    return children.find((child) => !punctuation.has(child.name)) ?? this.fail(node, 'no expression');
  }

  number(node: SyntaxNode): number {
    return readNumber(this.words(node)) ?? this.fail(node, `bad number or duration syntax: ${this.words(node)}`);
  }

  /** The sign of a number is an operator. */
  unsigned(node: SyntaxNode): number {
    const value = this.number(node);
    return /^[+-]/.test(this.words(node)) ? Math.abs(value) : value;
  }

  string(node: SyntaxNode): string {
    return readString(this.words(node)) ?? this.fail(node, 'this string is not well formed');
  }

  /** Milliseconds. */
  positiveDuration(node: SyntaxNode): number {
    const ms = this.duration(node);
    return ms > 0 ? ms : this.fail(node, 'duration must be greater than 0');
  }

  /** Milliseconds; arithmetic between durations is not supported. */
  duration(node: SyntaxNode): number {
    const words = this.words(node);
    const seconds = /[()*/%^]/.test(words) ? undefined : readNumber(words);
    if (seconds === undefined)
      return this.fail(node, `the duration expression ${words} is not supported by this server`);
    const ms = Math.round(seconds * 1000);
    return Math.abs(ms) <= longestMs ? ms : this.fail(node, 'duration out of range');
  }
}
