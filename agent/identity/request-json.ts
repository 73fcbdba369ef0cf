import { request } from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { type ErrorCode, errorRegistry } from '../../errors/registry.ts';
import { SextantError } from '../../errors/sextant-error.ts';

const timeoutMs = 15_000;
const maxAnswerBytes = 1024 * 1024;

/**
 * One request with a connection of its own, for the moments before there is an identity.
 * Resolves with the parsed JSON, or the text with `text`. An error answer is thrown with the collector's own code.
 */
export function requestJson(
  url: URL,
  options: { tls: ConnectionOptions; method: 'GET' | 'POST'; body?: unknown; text?: boolean },
): Promise<unknown> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const unreachable = (cause: Error): void =>
    reject(
      new SextantError('SX_NO_COLLECTOR', `cannot reach the collector at ${url.origin}: ${cause.message}`, {
        cause,
        nextStep: 'see that it runs, that the address is right, and that its port can be reached from this machine',
      }),
    );
  const call = request(
    url,
    {
      ...options.tls,
      method: options.method,
      agent: false,
      timeout: timeoutMs,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      }),
    },
    (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) answer.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      answer.on('error', unreachable);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        try {
          if (answer.statusCode !== 200 && answer.statusCode !== 201) reject(asError(answer.statusCode, text, url));
          else resolve(options.text ? text : JSON.parse(text));
        } catch (cause) {
          reject(
            new SextantError('SX_UNAVAILABLE', `${url.origin} did not answer with JSON`, {
              cause,
              nextStep: 'look whether this is the address of a collector, https://HOST:8443',
            }),
          );
        }
      });
    },
  );
  call.on('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
  call.on('error', unreachable);
  call.end(body);
  return promise;
}

function asError(status: number | undefined, text: string, url: URL): SextantError {
  let told: { code?: string; message?: string; nextStep?: string } = {};
  try {
    told = JSON.parse(text).error ?? {};
  } catch {
    // Not one of our answers; the status has to do.
  }
  const code = told.code !== undefined && told.code in errorRegistry ? (told.code as ErrorCode) : 'SX_UNAVAILABLE';
  const { message = `${url.origin} answered ${status}`, nextStep } = told;
  return new SextantError(code, message, nextStep === undefined ? {} : { nextStep });
}
