import { SextantError } from '../errors/sextant-error.ts';

/**
 * Sees that a bundle's window has a length and began already: what lies ahead cannot be gathered, and a window that is cut at
 * the present would end before it begins. Throws SX_BAD_REQUEST.
 */
export function checkWindow(window: { fromUnixMs: number; untilUnixMs: number }, nowMs: number): void {
  const { fromUnixMs, untilUnixMs } = window;
  const [from, until, now] = [fromUnixMs, untilUnixMs, nowMs].map((ms) => new Date(ms).toISOString());
  if (untilUnixMs <= fromUnixMs && fromUnixMs <= nowMs) {
    throw new SextantError(
      'SX_BAD_REQUEST',
      `the window has no length: it would begin at ${from} and end at ${until}`,
      {
        nextStep: 'let since lie before until',
      },
    );
  }
  if (fromUnixMs >= nowMs) {
    throw new SextantError(
      'SX_BAD_REQUEST',
      `the window lies in the future: it would begin at ${from}, and it is ${now}`,
      {
        nextStep: 'let since lie in the past (times without an offset are UTC), and compare this machine’s clock',
      },
    );
  }
}
