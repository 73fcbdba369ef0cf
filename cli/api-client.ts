import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { ApiError } from '../collector/api/shapes/access.ts';
import { type ErrorCode, errorRegistry } from '../errors/registry.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { readNamedFile } from './named-path.ts';
import { demandReadableData } from './readable-data.ts';

/** Where a command looks for the collector: its data folder, unless an address is given. */
export interface CollectorAddress {
  dataDir: string;
  url?: string | undefined;
  tokenFile?: string | undefined;
  /** Certificate of the collector's CA, PEM. */
  caFile?: string | undefined;
}

type QueryValues = Record<string, string | number | readonly string[] | undefined>;

/** The collector's API under `/api/v1`. Every call throws SextantErrors only, with the collector's own code where it gave one. */
export interface ApiClient {
  readonly url: string;
  /** Reads JSON. */
  get<T>(path: string, query?: QueryValues): Promise<T>;
  /** Reads an answer of one JSON object a line; gives each line as it came, as soon as it is there. */
  lines(path: string, query?: QueryValues): AsyncGenerator<string>;
  /** Sends JSON and reads JSON; undefined for an answer without a body. */
  send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** Reads bytes, for example of a download. */
  bytes(path: string): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

interface Access {
  url: string;
  token: string;
  ca: string | undefined;
}

/** Opens the API of the local collector, or of the one that is named. Throws SX_NO_COLLECTOR when there is none. */
export function createApiClient(address: CollectorAddress): ApiClient {
  const access = findAccess(address);
  // The server's certificate is always verified; without a CA of ours the system's roots decide.
  const agent = new Agent({
    connect: access.ca === undefined ? {} : { ca: access.ca },
    headersTimeout: 120_000,
    bodyTimeout: 0,
  });

  async function call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: { query?: QueryValues; body?: unknown; accept?: string },
  ) {
    const url = new URL(`/api/v1/${path}`, access.url);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, String(one));
    }
    const response = await request(url, {
      method,
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${access.token}`,
        accept: options.accept ?? 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    }).catch((error: unknown) => {
      throw connectionError(access.url, error);
    });
    if (response.statusCode >= 400) throw answeredError(response.statusCode, await response.body.text());
    return response;
  }

  const whole = (body: { text(): Promise<string> }): Promise<string> =>
    body.text().catch((error: unknown) => {
      throw connectionError(access.url, error);
    });

  return {
    url: access.url,
    async get<T>(path: string, query: QueryValues = {}) {
      const response = await call('GET', path, { query });
      return JSON.parse(await whole(response.body)) as T;
    },
    async *lines(path, query = {}) {
      const response = await call('GET', path, { query, accept: 'application/x-ndjson' });
      const decoder = new TextDecoder();
      let rest = '';
      try {
        for await (const chunk of response.body) {
          const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
          rest = parts.pop() ?? '';
          yield* parts;
        }
      } catch (error) {
        throw new SextantError('SX_UNAVAILABLE', 'the collector broke its answer off; what was printed is not all', {
          cause: error,
        });
      }
    },
    async send<T>(method: 'POST' | 'DELETE', path: string, body?: unknown) {
      const response = await call(method, path, { body });
      const text = await whole(response.body);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
    async bytes(path) {
      return (await call('GET', path, { accept: '*/*' })).body;
    },
    close: () => agent.destroy(),
  };
}

function findAccess(address: CollectorAddress): Access {
  if (!address.url) demandReadableData(address.dataDir);
  const file = join(address.dataDir, 'collector', 'endpoint.json');
  const local = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { url: string; token: string; caFile: string })
    : undefined;
  if (!local && !address.url) {
    throw new SextantError('SX_NO_COLLECTOR', `no collector runs with the data folder ${address.dataDir}`);
  }
  const url = address.url ?? local?.url ?? '';
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    throw new SextantError('SX_BAD_REQUEST', `--url ${url} is not an https:// address`, {
      nextStep: 'write it as https://HOST:8443',
    });
  }
  const isLocal = local !== undefined && new URL(local.url).origin === new URL(url).origin;
  const token = address.tokenFile
    ? readNamedFile(address.tokenFile, '--token-file').trim().split(/\s/, 1)[0]
    : isLocal
      ? local.token
      : undefined;
  if (!token) {
    throw new SextantError('SX_UNAUTHENTICATED', `there is no token for ${url}`, {
      nextStep: 'make one there with `sextant token create --api` and name its file with --token-file',
    });
  }
  const caFile = address.caFile ?? (isLocal ? local.caFile : undefined);
  return { url, token, ca: caFile === undefined ? undefined : readNamedFile(caFile, '--ca-file') };
}

function connectionError(url: string, cause: unknown): SextantError {
  const code = (cause as { code?: string }).code ?? '';
  if (/CERT|SIGNATURE|ISSUER|ALTNAME/.test(code)) {
    return new SextantError('SX_NO_COLLECTOR', `${url} does not prove to be the collector (${code})`, {
      cause,
      nextStep: 'name the certificate of its CA with --ca-file',
    });
  }
  return new SextantError('SX_NO_COLLECTOR', `no collector answers at ${url} (${code || (cause as Error).message})`, {
    cause,
  });
}

function answeredError(status: number, text: string): SextantError {
  try {
    const { code, message, nextStep } = (JSON.parse(text) as ApiError).error;
    if (Object.hasOwn(errorRegistry, code)) return new SextantError(code as ErrorCode, message, { nextStep });
    return new SextantError('SX_UNAVAILABLE', `${code}: ${message}`, { nextStep });
  } catch {
    return new SextantError('SX_UNAVAILABLE', `the collector answered with status ${status}`);
  }
}
