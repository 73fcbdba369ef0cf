import type { Meter } from '@opentelemetry/api';
import type { NodeRow } from '../api/shapes/nodes.ts';
import type { ClientCounts, ClientFigures } from '../receive/client-figures.ts';
import { ownInstruments } from './instruments.ts';

const counted = {
  records: ownInstruments.clientRecords,
  bytes: ownInstruments.clientBytes,
  batches: ownInstruments.clientBatches,
  duplicates: ownInstruments.clientDuplicates,
  refused: ownInstruments.clientRefused,
  deferred: ownInstruments.clientDeferred,
  leftOut: ownInstruments.clientLeftOut,
} as const satisfies Record<keyof ClientCounts, readonly [string, string, string]>;

/** Ingest by client: what it delivered, how long its acknowledgements took, and what agents say still waits with them. */
export function observeClients(
  meter: Meter,
  figures: {
    clients: ClientFigures;
    nodes: () => Pick<NodeRow, 'node' | 'spool'>[];
    /** Batches by the node whose they are; '' where nobody can tell. */
    quarantined: () => ReadonlyMap<string, number>;
  },
): void {
  const { clients, nodes, quarantined } = figures;
  const counters = Object.entries(counted).map(([field, [name, unit, description]]) => ({
    field: field as keyof ClientCounts,
    counter: meter.createObservableCounter(name, { unit, description }),
  }));
  const [inQuarantine, unit, description] = ownInstruments.clientQuarantined;
  const refused = meter.createObservableCounter(inQuarantine, { unit, description });
  const gauge = ([name, unit, description]: readonly [string, string, string]) =>
    meter.createObservableGauge(name, { unit, description });
  const waiting = gauge(ownInstruments.clientWaiting);
  const dropped = gauge(ownInstruments.clientDropped);
  meter.addBatchObservableCallback(
    (result) => {
      for (const [client, counts] of clients.all()) {
        for (const { field, counter } of counters) result.observe(counter, counts[field], { client });
      }
      for (const [node, batches] of quarantined()) result.observe(refused, batches, { client: node || 'unknown' });
      for (const { node, spool } of nodes()) {
        if (!spool) continue;
        result.observe(waiting, spool.bytes, { client: node });
        result.observe(dropped, spool.droppedRecords, { client: node });
      }
    },
    [...counters.map(({ counter }) => counter), refused, waiting, dropped],
  );

  const acknowledgements = ownInstruments.clientAcknowledgements;
  const times = meter.createHistogram(acknowledgements[0], {
    unit: acknowledgements[1],
    description: acknowledgements[2],
    advice: { explicitBucketBoundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  clients.onAcknowledged((client, seconds) => times.record(seconds, { client }));
}
