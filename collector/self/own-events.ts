import { hostname } from 'node:os';
import { type AnyValueMap, SeverityNumber } from '@opentelemetry/api-logs';
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { Log } from '../../logging/log.ts';
import type { Journal } from '../journal/journal.ts';
import { walkRequest } from '../receive/walk.ts';
import { collectorNode } from './own-telemetry.ts';

export interface OwnEvent {
  name: string;
  /** A sentence for a person. */
  body: string;
  severity: 'info' | 'warn';
  attributes: AnyValueMap;
}

export interface OwnEvents {
  tell(event: OwnEvent): void;
  /** Tries once more to store what waits. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const severities = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN };
const retryEveryMs = 5000;
/** Events that wait for a full disk to have room; beyond it the oldest are in the program's own log alone. */
const mostWaiting = 1000;

/** What happens to the collector itself, as log records of the node `@collector`, through the journal like any other. */
export function createOwnEvents(
  { journal, log }: { journal: Pick<Journal, 'append'>; log: Log },
  options: { version: string },
): OwnEvents {
  const waiting: ReadableLogRecord[] = [];
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({
      'service.name': 'sextant-collector',
      'service.version': options.version,
      'host.name': hostname(),
    }),
    processors: [
      { onEmit: (record) => void waiting.push(record), forceFlush: async () => {}, shutdown: async () => {} },
    ],
  });
  const logger = provider.getLogger('sextant.collector');
  let running: Promise<void> | undefined;

  async function send(): Promise<void> {
    const records = [...waiting];
    if (records.length === 0) return;
    const serialised = ProtobufLogsSerializer.serializeRequest(records);
    if (!serialised) throw new Error('BUG: the serializer returned nothing');
    const bytes = Buffer.from(serialised);
    const batch = { signal: 'logs' as const, node: collectorNode, bytes, ...walkRequest('logs', bytes) };
    await journal.append({ ...batch, pastCap: true });
    waiting.splice(0, records.length);
  }
  const flush = (): Promise<void> => {
    running ??= send()
      .catch((error: Error) => log.debug({ error: error.message }, 'an event of the collector itself waits for room'))
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const timer = setInterval(() => void flush(), retryEveryMs).unref();

  return {
    tell({ name, body, severity, attributes }) {
      logger.emit({
        eventName: name,
        body,
        severityNumber: severities[severity],
        severityText: severity.toUpperCase(),
        attributes,
      });
      if (waiting.length > mostWaiting) waiting.splice(0, waiting.length - mostWaiting);
      void flush();
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      await provider.shutdown();
    },
  };
}
