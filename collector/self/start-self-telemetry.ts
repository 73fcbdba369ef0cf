import type { Meter } from '@opentelemetry/api';
import type { Settings } from '../../config/settings.ts';
import { version } from '../../config/version.ts';
import type { Log } from '../../logging/log.ts';
import type { Closers } from '../close-in-order.ts';
import type { ControlHub } from '../control/hub.ts';
import type { Journal } from '../journal/journal.ts';
import type { NodeRegistry } from '../nodes/registry.ts';
import type { ClientFigures } from '../receive/client-figures.ts';
import type { Audit } from '../state/audit.ts';
import type { Store } from '../store/store.ts';
import { observeClients } from './client-metrics.ts';
import { observeOwnFigures } from './observe.ts';
import { createOwnEvents } from './own-events.ts';
import { createOwnTelemetry } from './own-telemetry.ts';
import { type createQueryTimes, type DropReports, observeStorage } from './storage-figures.ts';

interface Watched {
  journal: Journal;
  store: Store;
  registry: NodeRegistry;
  hub: ControlHub;
  clients: ClientFigures;
  drops: DropReports;
  queryTimes: ReturnType<typeof createQueryTimes>;
  audit: Audit;
}

/** What the collector tells of itself, as metrics and events of the node `@collector`. Parts that start later take the meter. */
export function startSelfTelemetry(
  { journal, store, registry, hub, clients, drops, queryTimes, audit }: Watched,
  { settings, log, closers }: { settings: Settings; log: Log; closers: Closers },
): Meter {
  const telemetry = createOwnTelemetry(
    { journal, log },
    { version, intervalMs: settings['collector.metrics.interval'] },
  );
  const { meter } = telemetry;
  const stopObserving = observeOwnFigures(meter, {
    journal: journal.stats,
    nodeStates: () => registry.list().map((row) => row.state),
    controlStreams: () => hub.connected().length,
  });
  const quarantined = () => journal.stats().quarantinedByNode;
  observeClients(meter, { clients, nodes: registry.list, quarantined });
  observeStorage(meter, store);
  queryTimes.connect(meter);
  const events = createOwnEvents({ journal, log }, { version });
  closers.add('own events', events.close);
  drops.connect(meter, { events, audit });
  telemetry.start();
  closers.add('own telemetry', async () => {
    stopObserving();
    await telemetry.close();
  });
  return meter;
}
