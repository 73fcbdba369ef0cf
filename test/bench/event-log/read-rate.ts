/** Runs under Wine: reads one channel of the stand-in in several ways; prints events per second of each as JSON. */
import koffi from 'koffi';
import type { EventLogApi } from '../../../agent/sources/event-log/event-log-api.ts';
import { createEventLogSource } from '../../../agent/sources/event-log/source-windows.ts';
import { openWevtapi } from '../../../agent/sources/event-log/wevtapi.ts';
import { loadWevtapi } from '../../../agent/sources/event-log/wevtapi-functions.ts';
import type { LogPipeline } from '../../../agent/sources/source.ts';
import { createSourceContext } from '../../unit/agent/sources/source-context.ts';

const [channel = '', events = '', rounds = ''] = process.argv.slice(2);
const wanted = Number(events);

/** Events that are handed over and closed, and nothing else: what the calls themselves cost. */
function drain(): number {
  const api = loadWevtapi();
  const handlesAt = koffi.alloc('uint64_t', 100) as bigint;
  const handles = new BigUint64Array(koffi.view(handlesAt, 800));
  const countAt = koffi.alloc('uint32_t', 1) as bigint;
  const count = new Uint32Array(koffi.view(countAt, 4));
  const signal = api.createEvent(null, true, false, null);
  const subscription = api.subscribe(null, signal, channel, null, null, null, null, 2);
  let seen = 0;
  while (api.next(subscription, 100, handlesAt, 0, 0, countAt)) {
    const got = count[0] ?? 0;
    for (let index = 0; index < got; index += 1) api.close(handles[index]);
    seen += got;
  }
  api.close(subscription);
  return seen;
}

/** Rendered, or with the system's values alone when everything counts as too old. */
const read = (api: EventLogApi, sinceUnixMs: number) => (): number => {
  const subscription = api.subscribe(channel, undefined, 'oldest');
  let seen = 0;
  for (let batch = subscription.next(100, sinceUnixMs); batch; batch = subscription.next(100, sinceUnixMs)) {
    seen += batch.events.length;
  }
  subscription.close();
  return seen;
};

/** The whole source: thread, records, hand-over; the records go nowhere. */
async function source(): Promise<number> {
  let seen = 0;
  const all = Promise.withResolvers<void>();
  const pipeline: LogPipeline = {
    logger: () => ({
      emit: () => {
        seen += 1;
        if (seen === wanted) all.resolve();
      },
      enabled: () => true,
    }),
    lines: () => {
      throw new Error('this source has no lines');
    },
    mark() {},
    position: () => undefined,
    keys: () => [],
    forget() {},
    ready: () => Promise.resolve(),
    ofClass: () => pipeline,
  };
  const eventLog = { enabled: true, priority: 'normal' as const, readExisting: 1e12, channels: [{ name: channel }] };
  const { context } = createSourceContext({ logs: pipeline, profile: { eventLog } });
  const made = createEventLogSource(context);
  await made.start();
  await all.promise;
  await made.close();
  return seen;
}

const api = openWevtapi();
const ways: Record<string, () => number | Promise<number>> = {
  drain,
  system: read(api, Number.POSITIVE_INFINITY),
  rendered: read(api, 0),
  source,
};
// The stand-in reads its file the first time.
drain();
const perSecond: Record<string, number[]> = {};
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [name, way] of Object.entries(ways)) {
    const startedMs = performance.now();
    const seen = await way();
    if (seen !== wanted) throw new Error(`${name} read ${seen} events of ${wanted}`);
    const rates = perSecond[name] ?? [];
    perSecond[name] = rates;
    rates.push(wanted / ((performance.now() - startedMs) / 1000));
  }
}
const openHandles = koffi.load('wevtapi.dll').func('int32_t StandInOpenHandles()')() as number;
console.log(JSON.stringify({ perSecond, openHandles }));
api.close();
