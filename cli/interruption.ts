import { SextantError } from '../errors/sextant-error.ts';

/** Turns the first Ctrl+C or SIGTERM into an abort, so that what was begun is removed; the second one ends the process. */
export function interruption(): { signal: AbortSignal; close(): void } {
  const abort = new AbortController();
  const onSignal = (): void => {
    if (abort.signal.aborted) process.exit(1);
    abort.abort(new SextantError('SX_BUNDLE_FAILED', 'interrupted', { nextStep: 'run the same command again' }));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: abort.signal,
    close: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
