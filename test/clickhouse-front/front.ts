import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline as joined } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { Session } from 'chdb';

export interface FrontRequest {
  query: string;
  settings: Record<string, string>;
  queryId: string;
  urlBytes: number;
  /** Whether the body came compressed. */
  packed: boolean;
  /** Length of the body that came beside the query. */
  bodyBytes: number;
}

interface FrontOptions {
  user?: string;
  password?: string;
  tls?: { key: string; cert: string };
  port?: number;
  /** What `SELECT version()` answers. */
  version?: string;
  /** A server that is not as it should be. */
  rewrite?(sql: string): string;
  /** May hold a request up, or throw a ClickHouse exception in its stead. Called before the engine is asked. */
  before?(request: FrontRequest): Promise<void> | void;
  /** Called when the engine is done; `false` cuts the connection instead of answering. */
  after?(request: FrontRequest): Promise<boolean> | boolean;
}

export class FrontError extends Error {
  constructor(code: number, what: string, name: string) {
    super(`Code: ${code}. DB::Exception: ${what} (${name})`);
  }
}

/** ClickHouse's own default, `http_max_uri_size`. */
const longestUrl = 1024 * 1024;
const httpOnly = new Set(['wait_end_of_query', 'cancel_http_readonly_queries_on_client_close', 'default_format']);
const notSettings = new Set(['query', 'database', 'query_id', 'session_id', 'role']);

/**
 * As much of ClickHouse's HTTP interface as the client uses, over the engine of this process: query and data in URL and
 * body, `param_*`, settings, ping, basic authentication, the exception's header, ids that must not run twice.
 *
 * What it stands in for itself: `input('…') … FORMAT Protobuf` becomes `file('…')` over the body written to a file
 * (chDB gives an inline body to no `input()`), and a broken-off query runs to its end, as there.
 */
export async function startFront(folder: string, options: FrontOptions = {}) {
  const bodies = mkdtempSync(join(tmpdir(), 'sextant-front-'));
  const running = new Set<string>();
  const refused: string[] = [];
  const seen: FrontRequest[] = [];
  const underWay = new Set<Promise<void>>();
  let bodyNumber = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://front');
    if (url.pathname === '/ping') return void response.end('Ok.\n');
    const { authorization, 'x-clickhouse-user': user, 'x-clickhouse-key': key } = request.headers;
    const credentials =
      user === undefined
        ? Buffer.from(authorization?.slice('Basic '.length) ?? '', 'base64').toString()
        : `${user}:${key}`;
    if (options.user !== undefined && credentials !== `${options.user}:${options.password ?? ''}`) {
      throw new FrontError(516, `${credentials.split(':')[0]}: Authentication failed`, 'AUTHENTICATION_FAILED');
    }
    const inUrl = url.searchParams.get('query');
    const settings: Record<string, string> = {};
    const parameters: Record<string, string> = {};
    for (const [name, value] of url.searchParams) {
      if (name.startsWith('param_')) parameters[name.slice('param_'.length)] = value;
      else if (!notSettings.has(name)) settings[name] = value;
    }
    const path = join(bodies, `${++bodyNumber}`);
    const packed = request.headers['content-encoding'] === 'zstd';
    // A request that is cut off cuts what unpacks it off too.
    const plain = packed ? joined(request, createZstdDecompress(), () => {}) : request;
    let body = '';
    let bodyBytes = 0;
    if (inUrl === null) for await (const piece of plain) body += String(piece);
    else {
      const file = createWriteStream(path);
      await pipeline(plain, file);
      bodyBytes = file.bytesWritten;
    }
    const asked: FrontRequest = {
      query: inUrl ?? body,
      settings,
      queryId: url.searchParams.get('query_id') ?? '',
      urlBytes: request.url?.length ?? 0,
      packed,
      bodyBytes,
    };
    seen.push(asked);
    if (running.has(asked.queryId)) {
      refused.push(asked.queryId);
      const what = `Query with id = ${asked.queryId} is already running`;
      throw new FrontError(216, what, 'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING');
    }
    running.add(asked.queryId);
    try {
      await options.before?.(asked);
      const result = await run(asked, parameters, path);
      if ((await options.after?.(asked)) === false) return void response.destroy();
      response.setHeader('X-ClickHouse-Query-Id', asked.queryId);
      response.setHeader('X-ClickHouse-Summary', JSON.stringify({ read_rows: '0', written_rows: '0' }));
      response.end(result);
    } finally {
      running.delete(asked.queryId);
      rmSync(path, { force: true });
    }
  }

  async function run(asked: FrontRequest, parameters: Record<string, string>, path: string): Promise<Uint8Array> {
    const query = (options.rewrite?.(asked.query) ?? asked.query)
      .replace(/\binput\(('(?:[^'\\]|\\.)*')\)/g, (_, structure) => `file('${path}', 'Protobuf', ${structure})`)
      .replace(/\nFORMAT Protobuf$/, '')
      .replace(
        'SELECT version()',
        () => `SELECT ${options.version === undefined ? 'version()' : `'${options.version}'`}`,
      );
    // A session of its own for a request, as there: what is set in it ends with it.
    const session = new Session(folder);
    try {
      const set = Object.entries(asked.settings).filter(([name]) => !httpOnly.has(name));
      for (const [name, value] of Object.entries(parameters)) set.push([`param_${name}`, value]);
      const all = set.map(([name, value]) => `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`);
      if (all.length > 0) await session.queryAsync(`SET ${all.join(', ')}`);
      const format = { format: asked.settings.default_format ?? 'TabSeparated' };
      const answered = await session.queryAsync(query, format);
      return answered.bytes();
    } finally {
      session.close();
    }
  }

  const listener: RequestListener = (request, response) => {
    const answered = answer(request, response).catch((error: Error) => {
      const code = /Code: (\d+)/.exec(error.message)?.[1] ?? '1002';
      response.statusCode = code === '516' ? 403 : code === '60' ? 404 : 500;
      response.setHeader('X-ClickHouse-Exception-Code', code);
      response.end(`${error.message}\n`);
    });
    underWay.add(answered);
    void answered.finally(() => underWay.delete(answered));
  };
  const limits = { maxHeaderSize: longestUrl };
  const server = options.tls
    ? createSecureServer({ ...options.tls, ...limits }, listener)
    : createServer(limits, listener);
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    /** Ids that were refused because they were still running. */
    refusedIds: () => refused,
    /** Cuts every connection; what the engine does goes on. */
    cut: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      // The engine goes on with what nobody waits for any more; its bodies are still read.
      await Promise.all(underWay);
      rmSync(bodies, { recursive: true, force: true });
    },
  };
}
