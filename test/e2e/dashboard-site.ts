import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from './site-requests.ts';

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** A collector in a process of its own, without an agent: tests bring nodes and what these say. */
export interface DashboardSite {
  readonly dataDir: string;
  readonly url: string;
  /** JSON of the API, asked as the local administrator. */
  api<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
  signinLink(): Promise<string>;
  /** Ends the process as a power failure does, and starts it again on the same port. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

async function startCollectorProcess(dataDir: string, port: number) {
  const child = spawn(
    process.execPath,
    [program, 'collector', 'run', '--supervised', '--data-dir', dataDir, '--port', String(port)],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, UV_THREADPOOL_SIZE: '16' } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const ready = Promise.withResolvers<string>();
  child.on('message', (message: { type?: string; url?: string }) => {
    if (message.type === 'ready') ready.resolve(message.url ?? '');
  });
  child.once('close', (code) => ready.reject(new Error(`the collector ended with ${code}:\n${output}`)));
  return { child, url: await ready.promise };
}

/** Starts a collector on `dataDir`; `configuration` is the text of its sextant.yaml. */
export async function startDashboardSite(dataDir: string, configuration: string, port = 0): Promise<DashboardSite> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(dataDir, 'sextant.yaml'), configuration);
  let running = await startCollectorProcess(dataDir, port);
  const { url } = running;

  const api = async <T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
    const { token } = JSON.parse(readFileSync(join(dataDir, 'collector', 'endpoint.json'), 'utf8'));
    const answer = await ask(dataDir, `${url}/api/v1/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { send: JSON.stringify(body) }),
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body) as T;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const { child } = running;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  };
  return {
    dataDir,
    url,
    api,
    signinLink: async () => {
      const { token } = await api<{ token: string }>('POST', 'tokens', { kind: 'signin' });
      return `${url}/#signin=${token}`;
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      running = await startCollectorProcess(dataDir, Number(new URL(url).port));
    },
    stop: () => end('SIGTERM'),
  };
}
