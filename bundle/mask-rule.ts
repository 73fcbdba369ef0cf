/**
 * One kind of secret, as data: what it looks like, what shows that it works, and what it must leave alone.
 *
 * Patterns run on text whose bytes stand for characters (latin1), so they name the characters that end a value rather
 * than use `\s`, which would take the second byte of a UTF-8 character (0xA0) for a space and mask half of a secret.
 */
export interface MaskRule {
  /** Stands in every mark it leaves. */
  name: string;
  /** Global and sticky-free; the group `secret` is what gets masked, everything around it stays. */
  pattern: RegExp;
  /** Further check of the secret, where a pattern cannot say it. */
  accept?: (secret: string) => boolean;
  /** Lower-case words of which a line must have one for this rule to be tried. */
  hints: readonly string[];
  /** Text → the secret in it that must be masked. */
  positive: readonly (readonly [text: string, secret: string])[];
  /** Text that must come out as it went in. */
  negative: readonly string[];
}
