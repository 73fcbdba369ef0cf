import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { ProtobufLogsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { AggregationTemporality, DataPointType, InstrumentType, type MetricData } from '@opentelemetry/sdk-metrics';
import { WebSocket } from 'ws';
import { enroll } from '../../agent/identity/enroll.ts';
import { loadIdentity } from '../../agent/identity/identity.ts';
import type { SourceHealth } from '../../protocol/control.ts';
import { streamHeaders } from '../../protocol/headers.ts';
import type { DashboardSite } from './dashboard-site.ts';
import { ask } from './site-requests.ts';

export interface TestLine {
  unixMs: number;
  severity: keyof typeof SeverityNumber;
  body: string;
  attributes?: Record<string, string>;
}

export interface TestSamples {
  name: string;
  unit: string;
  kind: 'gauge' | 'counter';
  attributes: Record<string, string>;
  points: { unixMs: number; value: number }[];
}

/** A node whose life the test writes: enrolled with a real certificate, speaking over real mutual TLS. */
export interface TestNode {
  name: string;
  logs(service: string, lines: TestLine[]): Promise<void>;
  metrics(samples: TestSamples[]): Promise<void>;
  /** Opens the control stream and says what an agent says; heartbeats go on until `leave`. */
  arrive(sources: SourceHealth[], facts?: Record<string, unknown>, clockOffsetMs?: number): Promise<void>;
  leave(): void;
  /** Asked for a bundle from now on, it goes on with a large source until `release()`, and then fails to bring it. */
  holdGathers(): { release(): void };
}

const heartbeatEveryMs = 500;

export async function enrollTestNode(site: DashboardSite, name: string): Promise<TestNode> {
  const folder = join(site.dataDir, 'test-nodes', name);
  const { token } = await site.api<{ token: string }>('POST', 'tokens', { kind: 'enroll' });
  await enroll({ dataDir: folder, collectorUrl: site.url, token, node: name });
  const { key, certificate: cert, ca } = loadIdentity(folder);
  const epoch = randomUUID();
  const sequences: Record<string, number> = {};
  const resource = (service: string) => resourceFromAttributes({ 'service.name': service, 'host.name': name });
  let beat: NodeJS.Timeout | undefined;
  let socket: WebSocket | undefined;
  let held: Promise<void> | undefined;

  const post = async (signal: 'logs' | 'metrics', bytes: Uint8Array | undefined): Promise<void> => {
    if (!bytes) throw new Error('BUG: nothing was serialised');
    sequences[signal] = (sequences[signal] ?? 0) + 1;
    const answer = await ask(site.dataDir, `${site.url}/v1/${signal}`, {
      method: 'POST',
      key,
      cert,
      headers: {
        'content-type': 'application/x-protobuf',
        [streamHeaders.stream]: signal,
        [streamHeaders.epoch]: epoch,
        [streamHeaders.sequence]: String(sequences[signal]),
        [streamHeaders.crc32]: crc32(bytes).toString(16).padStart(8, '0'),
      },
      send: bytes,
    });
    if (answer.status !== 200) throw new Error(`${signal}: ${answer.status} ${answer.body}`);
  };

  return {
    name,
    async logs(service, lines) {
      const records: ReadableLogRecord[] = [];
      const provider = new LoggerProvider({
        resource: resource(service),
        processors: [
          { onEmit: (record) => void records.push(record), forceFlush: async () => {}, shutdown: async () => {} },
        ],
      });
      const logger = provider.getLogger('files', '1');
      for (const line of lines) {
        logger.emit({
          timestamp: line.unixMs,
          severityNumber: SeverityNumber[line.severity],
          severityText: String(line.severity),
          body: line.body,
          attributes: line.attributes ?? {},
        });
      }
      await post('logs', ProtobufLogsSerializer.serializeRequest(records));
    },
    async metrics(samples) {
      await post(
        'metrics',
        ProtobufMetricsSerializer.serializeRequest({
          resource: resource('sextant-agent'),
          scopeMetrics: [{ scope: { name: 'host' }, metrics: samples.map(metricOf) }],
        }),
      );
    },
    async arrive(sources, facts, clockOffsetMs = 2) {
      socket = new WebSocket(`${site.url.replace('https:', 'wss:')}/agent/v1/control`, { key, cert, ca });
      await once(socket, 'open');
      const send = (message: object): void => socket?.send(JSON.stringify(message));
      send({
        type: 'hello',
        version: '0.1.0',
        hostName: name,
        os: 'Debian GNU/Linux 12 (bookworm), kernel 6.1.0',
        bootUnixMs: Date.now() - 86_400_000,
      });
      if (facts) send({ type: 'inventory', collectedUnixMs: Date.now(), facts });
      const heartbeat = (): void =>
        send({
          type: 'heartbeat',
          sentUnixMs: Date.now(),
          clockOffsetMs,
          spool: { bytes: 0, batches: 0, droppedRecords: 0 },
          sources,
        });
      heartbeat();
      socket.on('message', async (data) => {
        const message = JSON.parse(String(data)) as { type: string; bundleId?: string; attempt?: number };
        if (message.type !== 'gather') return;
        const { bundleId, attempt } = message;
        if (held) {
          const large = {
            type: 'gather-progress',
            bundleId,
            source: 'logs/app',
            bytes: 3 * 2 ** 20,
            elapsedMs: 12_000,
          };
          const figures = {
            records: { count: 1234, of: 'files' },
            expected: { bytes: 8 * 2 ** 20, basis: 'measured' },
          };
          send({ ...large, ...figures, state: 'running' });
          await held;
          send({ ...large, bytes: 0, state: 'failed', reason: 'it was only a test' });
        }
        send({
          type: 'gather-progress',
          bundleId,
          source: 'files',
          state: 'absent',
          bytes: 0,
          reason: 'a test node has no files',
        });
        send({ type: 'gather-done', bundleId, attempt, volumes: [] });
      });
      beat = setInterval(heartbeat, heartbeatEveryMs);
    },
    holdGathers() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return {
        release: () => {
          held = undefined;
          resolve();
        },
      };
    },
    leave() {
      clearInterval(beat);
      socket?.terminate();
    },
  };
}

const hrTime = (unixMs: number): [number, number] => [Math.floor(unixMs / 1000), (unixMs % 1000) * 1_000_000];

function metricOf(samples: TestSamples): MetricData {
  const isCounter = samples.kind === 'counter';
  const startTime = hrTime(samples.points[0]?.unixMs ?? 0);
  const base = {
    descriptor: {
      name: samples.name,
      unit: samples.unit,
      description: `${samples.name} of a test node`,
      type: isCounter ? InstrumentType.COUNTER : InstrumentType.GAUGE,
      valueType: 1,
      advice: {},
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: samples.points.map((point) => ({
      startTime,
      endTime: hrTime(point.unixMs),
      attributes: samples.attributes,
      value: point.value,
    })),
  };
  return isCounter
    ? { ...base, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...base, dataPointType: DataPointType.GAUGE };
}
