/**
 * What the collector says about itself beside the conventions' own names (`http.server.request.duration`,
 * `nodejs.eventloop.delay.*`). No convention covers these; this is the one list of them.
 */
export const ownInstruments = {
  ingestedRecords: ['sextant.collector.ingest.records', '{record}', 'Records and samples that were made durable.'],
  ingestedBytes: ['sextant.collector.ingest.bytes', 'By', 'OTLP bytes that were made durable.'],
  ingestedBatches: ['sextant.collector.ingest.batches', '{batch}', 'Batches that were made durable.'],
  duplicateBatches: ['sextant.collector.ingest.duplicates', '{batch}', 'Batches that came again and were left out.'],
  missingBatches: ['sextant.collector.ingest.missing', '{batch}', 'Batches that senders had to drop before they came.'],
  quarantinedBatches: ['sextant.collector.journal.quarantined', '{batch}', 'Batches that storage did not take.'],
  backlogBytes: ['sextant.collector.journal.backlog', 'By', 'Durable bytes that wait for storage.'],
  backlogFiles: ['sextant.collector.journal.files', '{file}', 'Journal files that wait for storage.'],
  syslogReceived: ['sextant.collector.syslog.received', '{message}', 'Syslog messages that came, by peer.'],
  syslogMalformed: ['sextant.collector.syslog.malformed', '{message}', 'Syslog messages in no known format, by peer.'],
  syslogCut: ['sextant.collector.syslog.cut', '{message}', 'Syslog messages that were too long, by peer.'],
  syslogDropped: ['sextant.collector.syslog.dropped', '{message}', 'Syslog messages without room for them, by peer.'],
  syslogRefused: ['sextant.collector.syslog.refused', '{refusal}', 'Syslog connections and datagrams of no peer.'],
  syslogConnections: ['sextant.collector.syslog.connections', '{connection}', 'Open syslog connections.'],
  droppedRows: [
    'sextant.collector.storage.dropped',
    '{row}',
    'Stored rows that retention dropped, by class and reason.',
  ],
  droppedBytes: ['sextant.collector.storage.dropped.bytes', 'By', 'Stored bytes that retention dropped.'],
  storedBytes: ['sextant.collector.storage.usage', 'By', 'Bytes on disk, by table.'],
  storedRows: ['sextant.collector.storage.rows', '{row}', 'Stored rows, by table.'],
  storedParts: ['sextant.collector.storage.parts', '{part}', 'Parts that storage consists of, by table.'],
  queryDuration: ['sextant.collector.query.duration', 's', 'Time that storage took to answer a query.'],
  nodes: ['sextant.collector.nodes', '{node}', 'Enrolled nodes, by state.'],
  controlStreams: ['sextant.collector.control.streams', '{stream}', 'Open control streams.'],
  memory: ['sextant.collector.memory.usage', 'By', 'Resident memory of the collector.'],
  cpuTime: ['sextant.collector.cpu.time', 's', 'Processor time that the collector has used.'],
} as const satisfies Record<string, readonly [name: string, unit: string, description: string]>;
