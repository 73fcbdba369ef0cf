import { effect, signal } from '@preact/signals';
import type { SessionInfo } from '../../../../collector/api/shapes/access.ts';
import { call, whenUnauthenticated } from './client.ts';
import { recoveries } from './connection.ts';
import { ApiFailure, failureFrom } from './failure.ts';

export type Session =
  | { kind: 'asking' }
  | { kind: 'none'; failure: ApiFailure | null }
  | { kind: 'open'; info: SessionInfo };

/** Set while this browser has a session. The cookie itself is hidden from scripts, and should be. */
const hintName = 'sextant-signed-in';

function hint(next?: boolean): boolean {
  try {
    if (next === true) localStorage.setItem(hintName, '1');
    if (next === false) localStorage.removeItem(hintName);
    return localStorage.getItem(hintName) === '1';
  } catch {
    // Storage is switched off: ask each time.
    return true;
  }
}

export const session = signal<Session>({ kind: 'asking' });

/** Exchanges a one-time token for a session cookie. The failure, if any, is in the session's state. */
export async function signIn(token: string): Promise<void> {
  session.value = { kind: 'asking' };
  const before = hint();
  // Before the answer: a reload in between must not forget a session that was opened.
  hint(true);
  try {
    session.value = { kind: 'open', info: await call<SessionInfo>('session', { method: 'POST', body: { token } }) };
  } catch (error) {
    // A used link, opened again in a browser that is signed in, is no reason to throw anybody out.
    if (before) await askSession(failureFrom(error));
    else {
      hint(false);
      session.value = { kind: 'none', failure: failureFrom(error) };
    }
  }
}

async function askSession(failure: ApiFailure | null = null): Promise<void> {
  // A first visit is not asked about: the answer would be a refusal, which browsers report as an error.
  if (!hint()) {
    session.value = { kind: 'none', failure };
    return;
  }
  try {
    session.value = { kind: 'open', info: await call<SessionInfo>('session') };
  } catch (error) {
    const refusal = failureFrom(error);
    if (refusal.status === 401) hint(false);
    session.value = { kind: 'none', failure: failure ?? (refusal.status === 401 ? null : refusal) };
  }
}

export async function signOut(): Promise<void> {
  await call<unknown>('session', { method: 'DELETE' }).catch(() => undefined);
  hint(false);
  session.value = { kind: 'none', failure: null };
}

/**
 * Takes the one-time token out of `#signin=…` and exchanges it, or asks whether there is a session already.
 * The fragment leaves the address and the history before anything is sent.
 */
export async function openSession(): Promise<void> {
  whenUnauthenticated(() => {
    if (session.value.kind === 'open') {
      const failure = new ApiFailure('SX_UNAUTHENTICATED', 'the session has ended', 'sign in again', 401);
      hint(false);
      session.value = { kind: 'none', failure };
    }
  });
  const token = takeToken();
  if (token !== undefined) await signIn(token);
  else await askSession();
  effect(() => {
    // Found again after it was out of reach when this page was opened.
    if (recoveries.value > 0 && session.peek().kind === 'none') void askSession();
  });
  // A link that is opened while this page is already showing only changes the fragment.
  window.addEventListener('hashchange', () => {
    const late = takeToken();
    if (late !== undefined) void signIn(late);
  });
}

function takeToken(): string | undefined {
  const token = /^#signin=(.+)$/.exec(window.location.hash)?.[1];
  if (token === undefined) return undefined;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  return decodeURIComponent(token);
}

export const isAdministrator = (): boolean =>
  session.value.kind === 'open' && session.value.info.role === 'administrator';
