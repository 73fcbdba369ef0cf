import { type AnyValueMap, SeverityNumber } from '@opentelemetry/api-logs';
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';

export interface LogLine {
  body: string;
  attributes?: AnyValueMap;
  unixMs?: number;
}

/** An OTLP logs request as an agent's own SDK serialises it. */
export function logsRequest(lines: LogLine[], resource: Record<string, string> = { 'service.name': 'agent' }): Buffer {
  const records: ReadableLogRecord[] = [];
  const provider = new LoggerProvider({
    resource: resourceFromAttributes(resource),
    processors: [
      { onEmit: (record) => void records.push(record), forceFlush: async () => {}, shutdown: async () => {} },
    ],
  });
  const logger = provider.getLogger('files', '1');
  for (const { body, attributes = {}, unixMs = Date.now() } of lines) {
    logger.emit({ timestamp: unixMs, severityNumber: SeverityNumber.INFO, severityText: 'INFO', body, attributes });
  }
  return Buffer.from(ProtobufLogsSerializer.serializeRequest(records) ?? []);
}
