import { ndjson } from '../../bundle/ndjson-chunks.ts';
import { packedShare } from '../../bundle/packed-share.ts';
import { createKeyFollower } from '../../bundle/redaction/record-keys.ts';
import type { Redactor } from '../../bundle/redaction/redactor.ts';
import { streamLogs } from '../query/log-stream.ts';
import type { Store } from '../store/store.ts';
import { allChannels, channelSql, type LogMinute } from './log-channels.ts';
import { type MetricMinute, readSamples, sampleLine } from './telemetry-metrics.ts';

const minuteMs = 60_000;
const recordsPerPiece = 250;

export interface LookRequest {
  store: Pick<Store, 'query'>;
  redactor: Redactor;
  fromUnixMs: number;
  untilUnixMs: number;
  signal: AbortSignal;
}

/** What records are like in a volume, told from some of them. */
export interface Look {
  bytesPerRecord: number;
  packedShare: number;
}

/** Writes some records of one node and scope (and channel), from so many of its minutes, to see how much they take. */
export async function lookAtLogs(request: LookRequest, own: readonly LogMinute[], pieces: number): Promise<Look> {
  const { store, redactor, signal } = request;
  const text: Buffer[] = [];
  let lines = 0;
  for (const minute of spread(own, pieces, ({ records }) => Number(records))) {
    const fromMs = Math.max(request.fromUnixMs, Number(minute.minuteUnixMs));
    const untilMs = Math.min(request.untilUnixMs, Number(minute.minuteUnixMs) + minuteMs);
    const { channel = allChannels } = minute;
    const rows = streamLogs(store, {
      range: { sinceUnixNano: BigInt(fromMs) * 1_000_000n, untilUnixNano: BigInt(untilMs) * 1_000_000n },
      filter: {
        sql: `Node = {bundleNode:String} AND ScopeName = {bundleScope:String}${
          channel === allChannels ? '' : ` AND ${channelSql} = {bundleChannel:String}`
        }`,
        parameters: { bundleNode: minute.node, bundleScope: minute.scope, bundleChannel: channel },
      },
      order: 'asc',
      limit: recordsPerPiece,
      signal,
    });
    const counted = async function* () {
      for await (const row of rows) {
        lines += 1;
        yield row;
      }
    };
    text.push(await redacted(request, ndjson(counted(), createKeyFollower(redactor.profile, {}))));
  }
  return lookOf(text, lines);
}

/** The same for samples of one node's metrics. */
export async function lookAtMetrics(
  request: LookRequest,
  node: string,
  own: readonly MetricMinute[],
  pieces: number,
): Promise<Look> {
  const text: Buffer[] = [];
  let lines = 0;
  for (const { minuteUnixMs } of spread(own, pieces, (minute) => Number(minute.samples))) {
    const fromMs = Math.max(request.fromUnixMs, Number(minuteUnixMs));
    const untilMs = Math.min(request.untilUnixMs, Number(minuteUnixMs) + minuteMs);
    const rows = await readSamples(request, { node, fromMs, untilMs });
    lines += rows.length;
    text.push(await redacted(request, ndjson(rows, sampleLine)));
  }
  return lookOf(text, lines);
}

function lookOf(text: readonly Buffer[], lines: number): Look {
  const all = Buffer.concat(text);
  return { bytesPerRecord: lines === 0 ? 0 : all.length / lines, packedShare: packedShare([all]) };
}

async function redacted({ redactor, signal }: LookRequest, content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of redactor.stream(content, {})) {
    signal.throwIfAborted();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** So many of the minutes, evenly by what they hold: a minute of a burst stands for more than a quiet one. */
function spread<Minute>(minutes: readonly Minute[], pieces: number, weight: (minute: Minute) => number): Minute[] {
  const total = minutes.reduce((sum, minute) => sum + weight(minute), 0);
  const picked = new Set<Minute>();
  let passed = 0;
  let next = 0.5;
  for (const minute of minutes) {
    passed += weight(minute);
    while (next < pieces && passed >= (total * next) / pieces) {
      picked.add(minute);
      next += 1;
    }
  }
  return [...picked];
}
