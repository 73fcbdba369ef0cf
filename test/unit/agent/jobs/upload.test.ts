import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { uploadVolume } from '../../../../agent/jobs/upload.ts';
import type { CollectorAnswer, CollectorClient } from '../../../../agent/uplink/client.ts';
import type { Volume } from '../../../../bundle/volume-writer.ts';
import { createIncomingVolumes, type IncomingVolumes } from '../../../../collector/bundles/incoming-volumes.ts';
import { volumeHeaders } from '../../../../protocol/headers.ts';

type CollectorRequest = Parameters<CollectorClient['request']>[1];

const content = randomBytes(2_000_000);
let folder: string;
let incoming: IncomingVolumes;
let volume: Volume;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-upload-'));
  await mkdir(join(folder, 'data'));
  const path = join(folder, 'n1.v001.zip');
  await writeFile(path, content);
  volume = { name: 'n1.v001.zip', path, bytes: content.length, entries: 1 };
  incoming = createIncomingVolumes(join(folder, 'incoming'), { minFreeBytes: 0 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The collector's side behind a line that breaks after so many bytes of each upload. */
function client(breakAfter: number[], log: number[] = []): CollectorClient {
  const answer = (status: number, body: object): CollectorAnswer => ({
    status,
    headers: {},
    body: Buffer.from(JSON.stringify(body)),
  });
  return {
    origin: 'https://collector',
    useIdentity: () => undefined,
    close: () => undefined,
    async request(path: string, options: CollectorRequest) {
      const headers = options.headers ?? {};
      const claim = {
        node: 'n1',
        name: path.split('/').at(-1) ?? '',
        sha512: String(headers[volumeHeaders.sha512]),
        bytes: Number(headers[volumeHeaders.bytes]),
      };
      if (options.method === 'GET') return answer(200, await incoming.state(claim));
      const offset = Number(headers[volumeHeaders.offset]);
      log.push(offset);
      const room = breakAfter.shift() ?? Number.POSITIVE_INFINITY;
      const source = options.body as Readable;
      const body = Readable.from(
        (async function* () {
          let sent = 0;
          for await (const chunk of source) {
            if (sent + chunk.length > room) throw new Error('the connection broke');
            sent += chunk.length;
            yield chunk;
          }
        })(),
      );
      return answer(200, await incoming.append(claim, offset, body));
    },
  };
}

test('goes on where the collector’s copy ends, until all of it is there and checked', async () => {
  const offsets: number[] = [];
  const signal = new AbortController().signal;
  const uploaded = await uploadVolume(client([600_000, 0, 600_000], offsets), 'b1', volume, signal);
  expect(uploaded).toMatchObject({ name: 'n1.v001.zip', bytes: content.length });
  expect(offsets).toEqual([0, 524_288, 524_288, 1_048_576]);
  await incoming.settle(join(folder, 'data'));
  expect((await readFile(join(folder, 'data/n1.v001.zip'))).equals(content)).toBe(true);
});

test('gives up when the collector refuses for good, and at once when it is cancelled', async () => {
  const refusing: CollectorClient = {
    ...client([]),
    request: async () => ({ status: 404, headers: {}, body: Buffer.from('{"error":{"code":"SX_NOT_FOUND"}}') }),
  };
  await expect(uploadVolume(refusing, 'b1', volume, new AbortController().signal)).rejects.toThrow('404');
  const absent: CollectorClient = { ...client([]), request: () => Promise.reject(new Error('nobody there')) };
  const cancel = new AbortController();
  const running = uploadVolume(absent, 'b1', volume, cancel.signal);
  cancel.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
});
