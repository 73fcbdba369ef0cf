import type { ApiError } from '../../../../collector/api/shapes/access.ts';
import { noteLost } from './connection.ts';
import { ApiFailure } from './failure.ts';

type Params = Record<string, string | number | null | undefined>;

interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  params?: Params;
  body?: unknown;
  signal?: AbortSignal;
}

export function apiAddress(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return `/api/v1/${path}${text === '' ? '' : `?${text}`}`;
}

/** Set by api/session.ts: what to do when the collector no longer knows us. */
let onUnauthenticated = (): void => {};
export const whenUnauthenticated = (handler: () => void): void => {
  onUnauthenticated = handler;
};

async function failureOf(response: Response): Promise<ApiFailure> {
  const body = await response.json().then(
    (value: unknown) => value as Partial<ApiError>,
    () => ({}) as Partial<ApiError>,
  );
  const { code, message, nextStep } = body.error ?? {};
  return new ApiFailure(
    code ?? `HTTP ${response.status}`,
    message ?? `the collector answered ${response.status} ${response.statusText}`.trim(),
    nextStep ?? 'try again; if it stays, look at the collector’s own log',
    response.status,
  );
}

/**
 * Calls `/api/v1/<path>` and returns its JSON. Throws ApiFailure, or the AbortError of `signal`.
 * No answer at all starts the search for the collector (api/connection.ts).
 */
export async function call<T>(path: string, options: Call = {}): Promise<T> {
  const { method = 'GET', params, body, signal } = options;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') headers['sextant-csrf'] = '1';
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(apiAddress(path, params), {
      method,
      headers,
      cache: 'no-store',
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    noteLost();
    throw new ApiFailure('SX_NO_ANSWER', 'the collector does not answer', 'the page tries again by itself', 0);
  }
  if (!response.ok) {
    const failure = await failureOf(response);
    if (response.status === 401) onUnauthenticated();
    throw failure;
  }
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}
