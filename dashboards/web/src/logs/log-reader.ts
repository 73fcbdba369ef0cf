import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { LogPage } from '../../../../collector/api/shapes/logs.ts';
import { call } from '../api/client.ts';
import { lost, recoveries } from '../api/connection.ts';
import { type ApiFailure, failureFrom } from '../api/failure.ts';
import { playing, tick } from '../place/clock.ts';
import { range } from '../place/range.ts';
import { type Loaded, mergeNewest, nameLines } from './line-key.ts';
import { logIdentity, logParams } from './log-query.ts';

/** A line is to be seen within three seconds of being written; up to 1.3 of them are the agent's and the journal's. */
const pollEveryMs = 1000;
const pageRows = 200;
/** The tail asks for this long before the newest line, not for the whole range: what comes later than that is seen at the next search. */
const lateMs = 120_000;

/** Clocks of nodes may be ahead of ours by this much without their lines being missed. */
const aheadMs = 1000;

interface Scanned {
  rows: number;
  bytes: number;
  tookMs: number;
}

export interface LogReader extends Loaded {
  state: 'loading' | 'ready' | 'failed';
  failure: ApiFailure | null;
  loadingOlder: boolean;
  scanned: Scanned | null;
  /** Lines that came while the tail was held. */
  waiting: number;
  hold: () => void;
  resume: () => void;
  held: boolean;
  /** The range ends now and new lines are asked for. */
  following: boolean;
  loadOlder: () => void;
  reload: () => void;
}

interface State extends Loaded {
  identity: string;
  state: LogReader['state'];
  failure: ApiFailure | null;
  loadingOlder: boolean;
  scanned: Scanned | null;
}

async function fetchPage(params: Record<string, string>, signal: AbortSignal): Promise<Loaded & { scanned: Scanned }> {
  const startedMs = performance.now();
  const page = await call<LogPage>('logs', { params: { ...params, order: 'desc', limit: pageRows }, signal });
  const scanned = { rows: page.rowsRead, bytes: page.bytesRead, tookMs: performance.now() - startedMs };
  return { lines: nameLines(page.records), next: page.next, scanned };
}

/** Rows of the page's query, newest first: the first page, older ones on demand, and new ones as they come. */
export function useLogReader(): LogReader {
  const identity = logIdentity.value;
  const empty: State = {
    identity,
    lines: [],
    next: null,
    state: 'loading',
    failure: null,
    loadingOlder: false,
    scanned: null,
  };
  const shown = useSignal<State>(empty);
  const held = useSignal(false);
  const waiting = useSignal<Loaded | null>(null);
  const pages = useRef(new AbortController());
  // The range of the first page: older pages continue it, whatever the clock says meanwhile.
  const asked = useRef<Record<string, string>>({});
  const following = range.value.kind === 'relative' && playing.value;

  const loadFirst = (): void => {
    pages.current.abort();
    const abort = new AbortController();
    pages.current = abort;
    asked.current = logParams();
    waiting.value = null;
    shown.value = shown.peek().identity === identity ? { ...shown.peek(), failure: null } : empty;
    fetchPage(asked.current, abort.signal).then(
      (page) => {
        shown.value = { ...empty, ...page, state: 'ready' };
      },
      (error: unknown) => {
        if (!abort.signal.aborted) shown.value = { ...shown.peek(), state: 'failed', failure: failureFrom(error) };
      },
    );
  };

  useEffect(() => {
    held.value = false;
    if (range.peek().kind === 'relative' && playing.peek()) tick();
    loadFirst();
  }, [identity, recoveries.value]);
  useEffect(() => () => pages.current.abort(), []);

  useEffect(() => {
    if (!following) return undefined;
    const abort = new AbortController();
    let busy = false;
    const poll = async (): Promise<void> => {
      const { state, failure } = shown.peek();
      if (busy || lost.peek() !== null || document.visibilityState !== 'visible' || state === 'loading') return;
      // A question that was refused stays refused.
      if (failure?.status === 400) return;
      busy = true;
      try {
        const untilMs = Date.now();
        const { spanMs } = range.peek() as { spanMs: number };
        const present = waiting.peek() ?? shown.peek();
        const newest = present.lines[0];
        const sinceMs = Math.max(untilMs - spanMs, newest ? Date.parse(newest.timestamp) - lateMs : 0);
        const since = new Date(sinceMs).toISOString();
        const until = new Date(untilMs + aheadMs).toISOString();
        const page = await fetchPage({ ...logParams(), since, until }, abort.signal);
        if (abort.signal.aborted) return;
        const merged = mergeNewest(page, present, since.replace('Z', '000000Z'));
        if (held.peek()) waiting.value = merged;
        else shown.value = { ...shown.peek(), ...merged, scanned: page.scanned, state: 'ready', failure: null };
      } catch (error) {
        if (!abort.signal.aborted) shown.value = { ...shown.peek(), failure: failureFrom(error) };
      } finally {
        busy = false;
      }
    };
    const timer = setInterval(() => void poll(), pollEveryMs);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [identity, following]);

  const loadOlder = (): void => {
    const { next, loadingOlder, state } = shown.peek();
    if (next === null || loadingOlder || state !== 'ready') return;
    const { signal } = pages.current;
    shown.value = { ...shown.peek(), loadingOlder: true };
    fetchPage({ ...asked.current, cursor: next }, signal).then(
      (page) => {
        if (signal.aborted) return;
        const present = shown.peek();
        const keys = new Set(present.lines.map((line) => line.key));
        const lines = [...present.lines, ...page.lines.filter((line) => !keys.has(line.key))];
        shown.value = { ...present, lines, next: page.next, scanned: page.scanned, loadingOlder: false, failure: null };
      },
      (error: unknown) => {
        if (!signal.aborted) shown.value = { ...shown.peek(), loadingOlder: false, failure: failureFrom(error) };
      },
    );
  };

  const present = shown.value.identity === identity ? shown.value : empty;
  const known = new Set(waiting.value === null ? [] : present.lines.map((line) => line.key));
  return {
    ...present,
    waiting: waiting.value?.lines.filter((line) => !known.has(line.key)).length ?? 0,
    held: held.value,
    following,
    hold: () => {
      if (following) held.value = true;
    },
    resume: () => {
      if (waiting.peek()) shown.value = { ...shown.peek(), ...waiting.peek() };
      waiting.value = null;
      held.value = false;
    },
    loadOlder,
    reload: loadFirst,
  };
}
