import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { recoveries } from './connection.ts';
import { type ApiFailure, failureFrom } from './failure.ts';

export interface Resource<T> {
  data: T | null;
  failure: ApiFailure | null;
  loading: boolean;
  /** How long the last answer took. */
  tookMs: number | null;
  reload: () => void;
}

/**
 * Loads something and keeps it fresh.
 *
 * `identity` says what is shown: when it changes, the old data goes and a running request is dropped. `version` says
 * how fresh it is: when it changes, the old data stays until the new is there, and a request under way is left to
 * finish, so that a slow collector is not asked faster than it answers. A null identity loads nothing.
 */
export function useResource<T>(
  identity: string | null,
  version: string | number,
  load: (signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const state = useSignal<Omit<Resource<T>, 'reload'> & { identity: string | null }>({
    identity,
    data: null,
    failure: null,
    loading: identity !== null,
    tookMs: null,
  });
  const running = useRef<{ identity: string; abort: AbortController; again: boolean } | null>(null);
  const latest = useRef(load);
  latest.current = load;

  const start = (what: string): void => {
    const present = running.current;
    if (present?.identity === what) {
      present.again = true;
      return;
    }
    present?.abort.abort();
    const run = { identity: what, abort: new AbortController(), again: false };
    running.current = run;
    const startedMs = performance.now();
    const kept = state.peek().identity === what ? state.peek() : { data: null, failure: null, tookMs: null };
    state.value = { ...kept, identity: what, loading: true };
    latest.current(run.abort.signal).then(
      (data) => {
        if (running.current !== run) return;
        running.current = null;
        state.value = { identity: what, data, failure: null, loading: false, tookMs: performance.now() - startedMs };
        if (run.again) start(what);
      },
      (error: unknown) => {
        if (running.current !== run || run.abort.signal.aborted) return;
        running.current = null;
        state.value = { ...state.peek(), identity: what, failure: failureFrom(error), loading: false };
      },
    );
  };

  useEffect(() => {
    if (identity !== null) start(identity);
  }, [identity, version, recoveries.value]);
  useEffect(() => () => running.current?.abort.abort(), []);

  const shown = state.value;
  const current = shown.identity === identity;
  return {
    data: current ? shown.data : null,
    failure: current ? shown.failure : null,
    loading: current ? shown.loading : identity !== null,
    tookMs: current ? shown.tookMs : null,
    reload: () => {
      if (identity !== null) start(identity);
    },
  };
}
