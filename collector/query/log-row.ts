import type { LogRow, Severity } from '../api/shapes/logs.ts';

/** What the statements that read log records have in common. */
export interface StoredLog {
  timestamp: string;
  node: string;
  severity: Severity;
  body: string;
  service: string;
  scope: string;
  attributes: Record<string, string>;
  resource: Record<string, string>;
  traceId: string;
  spanId: string;
  eventName: string;
}

/** What the record says of itself, together with where it comes from, under the names of the semantic conventions. */
export function logRow(stored: StoredLog): LogRow {
  const attributes: Record<string, string> = { ...stored.attributes };
  if (stored.service) attributes['service.name'] ??= stored.service;
  if (stored.scope) attributes['otel.scope.name'] ??= stored.scope;
  const { 'service.name': service, ...resource } = stored.resource;
  if (service !== undefined && service !== attributes['service.name']) resource['service.name'] = service;
  const { timestamp, node, severity, body, traceId, spanId, eventName } = stored;
  return {
    ...{ timestamp, node, severity, body, attributes },
    ...(Object.keys(resource).length > 0 && { resource }),
    ...(eventName && { eventName }),
    ...(traceId && { traceId }),
    ...(spanId && { spanId }),
  };
}
