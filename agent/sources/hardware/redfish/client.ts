import { createHash } from 'node:crypto';
import { Agent, request } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { Type } from 'typebox';
import { readCheckedYaml } from '../../../../config/checked-yaml.ts';
import type { FileQuestions } from '../../../filesystems/file-questions.ts';
import { readSmallFile, type SmallFile } from '../../../filesystems/small-file.ts';

export interface RedfishEndpoint {
  url: string;
  /** PEM file of the authority that signed the BMC's certificate. */
  ca?: string;
  /** SHA-256 of the BMC's own certificate, for those that sign it themselves; colons do not matter. */
  fingerprint?: string;
  /** YAML file with `username` and `password`, for its owner alone. */
  credentials: string;
}

export interface RedfishClient {
  /** One document as JSON. Rejects with what is wrong and where; never follows a redirect. */
  get(path: string): Promise<unknown>;
  close(): void;
}

const timeoutMs = 15_000;
/** The largest documents in the field are logs, which are not asked for. */
const maxBytes = 1024 * 1024;
/** Of a file with credentials or authorities. */
const maxFileBytes = 256 * 1024;
const Credentials = Type.Object({ username: Type.String(), password: Type.String() }, { additionalProperties: false });

/**
 * HTTPS to a BMC (DSP0266): one connection, basic authentication, sent only after the certificate was found right.
 * Rejects when the credentials cannot be read or can be read by others, or when there is no such authority.
 */
export async function createRedfishClient(
  endpoint: RedfishEndpoint,
  questions: FileQuestions,
  { signal, timeoutMs: limitMs = timeoutMs }: { signal: AbortSignal; timeoutMs?: number },
): Promise<RedfishClient> {
  const url = new URL(endpoint.url);
  if (url.protocol !== 'https:') throw new Error(`${endpoint.url}: only https, since a password is sent`);
  const named = { maxBytes: maxFileBytes, signal };
  const authorization = authorizationOf(
    endpoint.credentials,
    await readSmallFile(questions, endpoint.credentials, { ...named, what: 'credentials file' }),
  );
  const ca = endpoint.ca && (await readSmallFile(questions, endpoint.ca, { ...named, what: 'authority' })).content;
  const agent = new PinnedAgent(endpoint.fingerprint, ca || undefined);

  return {
    get(path) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const target = new URL(path, url.origin);
      if (target.origin !== url.origin) return Promise.reject(new Error(`the BMC points elsewhere: ${target.href}`));
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      const call = request(
        target,
        { agent, headers: { accept: 'application/json', 'OData-Version': '4.0', authorization }, signal: deadline },
        (answer) => {
          if (answer.statusCode !== 200) {
            answer.resume();
            reject(new RedfishError(path, answer.statusCode ?? 0));
            return;
          }
          const chunks: Buffer[] = [];
          let bytes = 0;
          answer.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > maxBytes) answer.destroy(new Error(`${path} is longer than ${maxBytes} bytes`));
            else chunks.push(chunk);
          });
          answer.on('error', reject);
          answer.on('end', () => {
            try {
              resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
            } catch {
              reject(new RedfishDocumentError(`${path} is no JSON`));
            }
          });
        },
      );
      const fail = (error: Error): void => {
        const late = deadline.aborted && !signal.aborted;
        reject(late ? new Error(`no answer to ${path} within ${limitMs / 1000} s`) : error);
      };
      call.on('error', fail);
      // A request that waits for its connection does not hear of the signal.
      const onAbort = (): void => {
        agent.giveUp();
        fail(deadline.reason as Error);
      };
      deadline.addEventListener('abort', onAbort, { once: true });
      call.end();
      return promise.finally(() => deadline.removeEventListener('abort', onAbort));
    },
    close() {
      agent.giveUp();
      agent.destroy();
    },
  };
}

/** An answer that is no document. */
export class RedfishDocumentError extends Error {}

/** An answer that is no 200. */
export class RedfishError extends Error {
  readonly status: number;
  constructor(path: string, status: number) {
    const why = status === 401 || status === 403 ? ': the BMC does not take these credentials' : '';
    super(`${path} was answered with ${status}${why}`);
    this.status = status;
  }
}

/** Hands out a connection only after its certificate was checked, so that no password goes to a stranger. */
class PinnedAgent extends Agent {
  readonly #fingerprint: string | undefined;
  readonly #ca: Buffer | undefined;
  /** Connections that nobody has been given yet. */
  readonly #pending = new Set<TLSSocket>();
  constructor(fingerprint: string | undefined, ca: Buffer | undefined) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#fingerprint = fingerprint;
    this.#ca = ca;
  }
  override createConnection(
    options: ConnectionOptions,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const pin = this.#fingerprint?.replaceAll(/[^0-9a-fA-F]/g, '').toLowerCase();
    const socket = connect({
      ...options,
      ...(this.#ca && { ca: this.#ca }),
      rejectUnauthorized: pin === undefined,
    });
    this.#pending.add(socket);
    socket.once('close', () => this.#pending.delete(socket));
    socket.once('error', (error) => callback?.(error, socket));
    socket.once('secureConnect', () => {
      this.#pending.delete(socket);
      const found = pin === undefined ? undefined : fingerprintOf(socket);
      if (found === pin) callback?.(null, socket);
      else socket.destroy(new Error(`the BMC’s certificate has SHA-256 ${found}, not the fingerprint in the profile`));
    });
    return undefined;
  }
  /** Ends those that are not made yet: a BMC that takes a connection and says nothing would hold it for ever. */
  giveUp(): void {
    for (const socket of this.#pending) socket.destroy(new Error('the BMC takes connections and says nothing'));
  }
}

const fingerprintOf = (socket: TLSSocket): string =>
  createHash('sha256')
    .update(socket.getPeerX509Certificate()?.raw ?? '')
    .digest('hex');

function authorizationOf(file: string, { content, stats }: SmallFile): string {
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
    throw new Error(`${file} can be read by others: chmod 600 ${file}`);
  }
  const { username, password } = readCheckedYaml(Credentials, content.toString('utf8'), {
    what: 'credentials file',
    file,
  });
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
