import { createHmac } from 'node:crypto';
import { maskRules, secretFieldName } from './mask-rules.ts';
import { isSuspicious } from './mask-suspicion.ts';

/**
 * What a string's characters stand for: themselves, or one byte each (text that is masked on its way through).
 * The same secret has the same fingerprint in both.
 */
export type TextForm = 'characters' | 'bytes';

/** Rule → how many values it masked. */
export type MaskTally = Record<string, number>;

/**
 * Replaces known secrets by `[masked:<rule>:<fingerprint>]`. The fingerprint is keyed with a key that stays on the
 * site: the same secret has the same mark everywhere, and nobody without the key can try guesses against it.
 */
export interface Masker {
  /** Masks text of any number of lines. */
  text(text: string, tally: MaskTally, form?: TextForm): string;
  /** Masks the value of a named field: the whole of it when the name says that it is a secret. */
  field(name: string, value: string, tally: MaskTally): string;
  /** Masks every string of a JSON-like value, field names taken into account. */
  document<T>(value: T, tally: MaskTally): T;
  mark(rule: string, secret: string, form: TextForm): string;
}

/** Quotes are the syntax around a secret, not part of it: the mark goes between them, so that JSON stays JSON. */
const quotes = /^(\\{0,3}["'])([\s\S]*?)(\\{0,3}["'])$/;

const wholeMark = /^\[masked:[a-z-]+:[0-9a-f]{8}\]$/;
/** Longest start of a mark; a mark's own rule name (`command-line-password:`) looks like a secret's name. */
const markStartChars = 48;
const insideMark = (text: string, at: number): boolean =>
  /\[masked:[^\]]*$/.test(text.slice(Math.max(0, at - markStartChars), at));

/** The same few secrets come again and again; an HMAC costs more than all the patterns on a line. */
const rememberedMarks = 4096;

export function createMasker(key: Uint8Array): Masker {
  const marks = new Map<string, string>();
  const fingerprint = (secret: string, form: TextForm): string => {
    const name = form + secret;
    const known = marks.get(name);
    if (known !== undefined) return known;
    const made = createHmac('sha256', key)
      .update(secret, form === 'bytes' ? 'latin1' : 'utf8')
      .digest('hex')
      .slice(0, 8);
    if (marks.size >= rememberedMarks) marks.clear();
    if (secret.length <= 256) marks.set(name, made);
    return made;
  };
  const mark = (rule: string, secret: string, form: TextForm): string =>
    `[masked:${rule}:${fingerprint(secret, form)}]`;

  const text = (original: string, tally: MaskTally, form: TextForm = 'characters'): string => {
    if (!isSuspicious(original)) return original;
    const lower = original.toLowerCase();
    let masked = original;
    for (const rule of maskRules) {
      if (!rule.hints.some((hint) => lower.includes(hint))) continue;
      masked = masked.replace(rule.pattern, (...found: unknown[]) => {
        const whole = found[0] as string;
        const groups = found.at(-1) as { secret: string };
        const { secret } = groups;
        if (secret === '' || (rule.accept && !rule.accept(secret))) return whole;
        const quoted = quotes.exec(secret);
        const [open, inner, close] = quoted ? [quoted[1] ?? '', quoted[2] ?? '', quoted[3] ?? ''] : ['', secret, ''];
        if (inner === '' || wholeMark.test(inner)) return whole;
        // The last occurrence: what stands before the secret (a user, a name) may be equal to it.
        const at = whole.lastIndexOf(secret);
        if (insideMark(found.at(-2) as string, (found.at(-3) as number) + at)) return whole;
        tally[rule.name] = (tally[rule.name] ?? 0) + 1;
        return whole.slice(0, at) + open + mark(rule.name, inner, form) + close + whole.slice(at + secret.length);
      });
    }
    return masked;
  };

  const field = (name: string, value: string, tally: MaskTally): string => {
    if (value === '' || wholeMark.test(value) || !secretFieldName.test(name)) return text(value, tally);
    tally['secret-field'] = (tally['secret-field'] ?? 0) + 1;
    return mark('secret-field', value, 'characters');
  };

  const walk = (value: unknown, name: string, tally: MaskTally): unknown => {
    if (typeof value === 'string') return field(name, value, tally);
    if (Array.isArray(value)) return value.map((item) => walk(item, name, tally));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, key, tally)]));
    }
    return value;
  };

  return { text, field, mark, document: <T>(value: T, tally: MaskTally): T => walk(value, '', tally) as T };
}
