import { createReadStream } from 'node:fs';
import { hashFile } from '../../bundle/manifest.ts';
import type { Volume } from '../../bundle/volume-writer.ts';
import { volumeHeaders } from '../../protocol/headers.ts';
import type { CollectorClient } from '../uplink/client.ts';

export interface UploadedVolume {
  name: string;
  bytes: number;
  sha512: string;
}

const firstPauseMs = 250;
const maxPauseMs = 5000;

const pause = (ms: number, signal: AbortSignal): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const onAbort = (): void => {
    clearTimeout(timer);
    reject(signal.reason);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', onAbort));
};

/**
 * Uploads a volume and goes on where the collector's copy ends, however often the connection breaks. Resolves when the
 * collector has checked the whole of it against its SHA-512. Rejects when the signal aborts or the collector refuses for
 * good (the job is over, or the volume too large).
 */
export async function uploadVolume(
  client: CollectorClient,
  bundleId: string,
  volume: Volume,
  signal: AbortSignal,
): Promise<UploadedVolume> {
  const { sha512, bytes } = await hashFile(volume.path, signal);
  const path = `/agent/v1/bundles/${bundleId}/volumes/${volume.name}`;
  const headers = { [volumeHeaders.sha512]: sha512, [volumeHeaders.bytes]: bytes };
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
    signal.throwIfAborted();
    try {
      const found = await client.request(path, { method: 'GET', headers, signal });
      if (isFinal(found.status)) throw refusal(found);
      const { offset, complete } = parseState(found.body);
      if (complete) return { name: volume.name, bytes, sha512 };
      const sent = await client.request(path, {
        method: 'PUT',
        headers: {
          ...headers,
          [volumeHeaders.offset]: offset,
          'content-type': 'application/octet-stream',
          'content-length': bytes - offset,
        },
        body: createReadStream(volume.path, { start: offset, highWaterMark: 256 * 1024 }),
        signal,
      });
      if (isFinal(sent.status)) throw refusal(sent);
      if (sent.status === 200 && parseState(sent.body).complete) return { name: volume.name, bytes, sha512 };
    } catch (error) {
      if (error instanceof Refused) throw error;
      signal.throwIfAborted();
    }
    await pause(pauseMs, signal);
  }
}

class Refused extends Error {}

/** 409 says that the offset moved, 422 that the checksum did not fit and the copy was dropped: both are tried again. */
const isFinal = (status: number): boolean => status >= 400 && status < 500 && ![408, 409, 422, 429].includes(status);

function refusal(answer: { status: number; body: Buffer }): Refused {
  return new Refused(
    `the collector refused the volume: ${answer.status} ${answer.body.toString('utf8').slice(0, 300)}`,
  );
}

function parseState(body: Buffer): { offset: number; complete: boolean } {
  const state: { offset?: unknown; complete?: unknown } = JSON.parse(body.toString('utf8'));
  if (typeof state.offset !== 'number') throw new Error('the collector did not say how much it has');
  return { offset: state.offset, complete: state.complete === true };
}
