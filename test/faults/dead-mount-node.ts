import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { createFileQuestions, shareOfPool } from '../../agent/filesystems/file-questions.ts';
import { createGatherer } from '../../agent/jobs/gatherer.ts';
import type { BundleItem } from '../../agent/profile/bundle.ts';
import { openSpool } from '../../agent/spool/spool.ts';
import { askStatus, serveStatus, statusPath } from '../../agent/status/status-socket.ts';
import type { CollectorClient } from '../../agent/uplink/client.ts';
import { threadPoolSize } from '../../config/environment.ts';
import type { AgentMessage, CollectorMessage } from '../../protocol/control.ts';
import { emptyProfile } from '../unit/agent/sources/source-context.ts';

// A node's gatherer beside its spool and its status, asked for bundles one after the other. Prints a line of JSON for each:
// how its items ended, and in how many milliseconds a batch was on disk and the status was told afterwards (null: not in
// five seconds).
//   dead-mount-node.ts FOLDER BUNDLES ANSWERS ITEMS-AS-JSON
// Then ANSWERS is written, so that all filesystems answer, and it is asked for one more.

const [dataDir = '', bundles = '', answers = '', items = '[]'] = process.argv.slice(2);
const log = pino({ level: 'silent' });
mkdirSync(join(dataDir, 'agent'), { recursive: true });
const spool = await openSpool(
  {
    ...{ folder: join(dataDir, 'agent', 'spool'), streams: { logs: 'normal' }, maxBytes: 2 ** 26, minFreeBytes: 0 },
    segmentBytes: 2 ** 20,
  },
  { log, nowMs: Date.now },
);
await serveStatus(statusPath(dataDir), () => ({ spool: spool.stats() }), log);

let receive: ((message: CollectorMessage) => void) | undefined;
const told: AgentMessage[] = [];
let onTold = (): void => undefined;
const client = {
  async request(_: string, { method, body }: Parameters<CollectorClient['request']>[1]) {
    const bytes = method === 'GET' ? 0 : (await buffer(body as NodeJS.ReadableStream)).length;
    return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ offset: bytes, complete: bytes > 0 })) };
  },
} as unknown as CollectorClient;
const gatherer = createGatherer({
  ...{ client, dataDir, node: 'node-1', log, nowMs: Date.now },
  questions: createFileQuestions(shareOfPool(threadPoolSize())),
  link: {
    send(message) {
      told.push(message);
      onTold();
      return true;
    },
    onMessage(handler) {
      receive = handler;
      return () => undefined;
    },
  },
  profile: () => ({ ...emptyProfile, bundle: { r: { description: '', items: JSON.parse(items) as BundleItem[] } } }),
});
await gatherer.start();

const within = async (work: Promise<unknown>): Promise<number | null> => {
  const beganMs = Date.now();
  const late = new Promise((_, reject) => {
    setTimeout(reject, 5_000, new Error('no answer in five seconds')).unref();
  });
  return Promise.race([work, late]).then(
    () => Date.now() - beganMs,
    () => null,
  );
};

async function bundle(bundleId: string): Promise<void> {
  const untilUnixMs = Date.now();
  const window = { fromUnixMs: untilUnixMs - 3_600_000, untilUnixMs, roles: [], deadlineMs: 60_000 };
  const done = new Promise<void>((resolve) => {
    onTold = () => {
      if (told.some((message) => message.type === 'gather-done' && message.bundleId === bundleId)) resolve();
    };
  });
  receive?.({ type: 'gather', bundleId, attempt: 1, ...window });
  await within(done);
  const outcomes: Record<string, object> = {};
  for (const message of told) {
    if (message.type === 'gather-progress' && message.bundleId === bundleId) outcomes[message.source] = message;
  }
  const spooledMs = await within(spool.append('logs', { payload: Buffer.from('x'), records: 1, bookmarks: {} }));
  const statusMs = await within(askStatus(statusPath(dataDir)));
  writeSync(1, `${JSON.stringify({ outcomes, spooledMs, statusMs })}\n`);
}

for (let number = 1; number <= Number(bundles); number += 1) await bundle(`b${number}`);
writeFileSync(answers, '');
await new Promise((resolve) => setTimeout(resolve, 500));
await bundle('last');
process.kill(process.pid, 'SIGKILL');
