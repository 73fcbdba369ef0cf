import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Log } from '../../logging/log.ts';

/** What the kernel takes as a socket's path, with room for its end. */
const maxPathBytes = 100;
const maxAnswerBytes = 4 * 1024 * 1024;
const patienceMs = 3_000;

/** Where an agent answers: a socket in its data folder, a named pipe on Windows. */
export function statusPath(dataDir: string, platform: NodeJS.Platform = process.platform): string {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\sextant-agent-${hash}`;
  const path = join(dataDir, 'agent', 'status.sock');
  return Buffer.byteLength(path) <= maxPathBytes ? path : join(tmpdir(), `sextant-${hash}`, 'status.sock');
}

/**
 * Answers everybody who may connect with one line of JSON: what `answer` returns then. Only the user that the agent
 * runs as may (0600); on Windows the pipe's default, administrators and the service's own account.
 */
export async function serveStatus(path: string, answer: () => unknown, log: Log): Promise<{ close(): void }> {
  const pipe = path.startsWith('\\\\');
  if (!pipe) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Left by an agent that was killed; the folder's lock says that there is no other.
    rmSync(path, { force: true });
  }
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(patienceMs, () => socket.destroy());
    let text: string;
    try {
      text = JSON.stringify(answer());
    } catch (error) {
      log.warn({ err: error }, 'cannot say how the agent is');
      text = '{}';
    }
    socket.end(`${text}\n`);
  });
  server.maxConnections = 8;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  const before = process.umask(0o177);
  try {
    server.listen(path, resolve);
  } finally {
    process.umask(before);
  }
  await promise;
  if (!pipe) chmodSync(path, 0o600);
  server.on('error', (error) => log.warn({ err: error }, 'the status socket failed'));
  server.unref();
  return {
    close() {
      server.close();
      if (!pipe) rmSync(path, { force: true });
    },
  };
}

/** What the agent of this folder answers; undefined when none does. Rejects when one is there that may not be asked. */
export async function askStatus(path: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const socket = connect(path);
  let text = '';
  socket
    .setEncoding('utf8')
    .setTimeout(patienceMs, () => socket.destroy(new Error(`no answer within ${patienceMs} ms`)));
  socket.on('data', (part: string) => {
    text += part;
    if (text.length > maxAnswerBytes) socket.destroy(new Error('the answer is too long'));
  });
  socket.on('end', () => {
    try {
      resolve(JSON.parse(text));
    } catch (error) {
      reject(error);
    }
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
    else reject(error);
  });
  return promise.finally(() => socket.destroy());
}
