import type { ControlPlane } from '../../bundle/control-plane.ts';
import { collectorNode } from '../../bundle/coverage.ts';
import type { Settings } from '../../config/settings.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { AlertRow } from '../api/shapes/alerts.ts';
import type { NodeInventory, NodeRegistry } from '../nodes/registry.ts';
import type { AuditEntry, AuditTrail } from '../state/audit.ts';
import type { Store } from '../store/store.ts';
import { readControlPlane } from './control-plane.ts';
import type { Window } from './node-window.ts';

/** What the collector knows beside telemetry. */
export interface SiteRecords {
  alerts: AlertRow[];
  inventories: { node: string; inventory: NodeInventory }[];
  configuration: Record<string, unknown>;
  /** Of the window, newest first. */
  audit: AuditEntry[];
  /** How many there are of the window; the oldest are left out beyond a bound. */
  auditEntries: number;
  /** Undefined: storage could not be asked. */
  controlPlane: ControlPlane | undefined;
}

/** Some 10 MB of text as objects; nobody reads that many. */
const mostAuditEntries = 10_000;

/** The site's records for a bundle of this window: `asked` are all names, `nodes` those with an agent. */
export async function readSiteRecords(
  capabilities: {
    registry: Pick<NodeRegistry, 'inventory'>;
    alerts: Pick<Alerts, 'list'>;
    audit: Pick<AuditTrail, 'list' | 'count'>;
    settings: Settings;
    store: Pick<Store, 'query'>;
  },
  { fromUnixMs, untilUnixMs, asked, nodes }: Window & { asked: readonly string[]; nodes: readonly string[] },
  signal: AbortSignal,
): Promise<SiteRecords> {
  const window = { fromUnixMs, untilUnixMs, nodes };
  const controlPlane = await readControlPlane(capabilities.store, window, signal).catch(() => undefined);
  signal.throwIfAborted();
  return {
    alerts: capabilities.alerts
      .list({ resolvedSinceMs: fromUnixMs })
      .filter((alert) => asked.includes(alert.node) || alert.node === '' || alert.node === collectorNode),
    inventories: nodes.flatMap((node) => {
      const inventory = capabilities.registry.inventory(node);
      return inventory ? [{ node, inventory }] : [];
    }),
    controlPlane,
    configuration: { ...capabilities.settings },
    audit: capabilities.audit.list({ limit: mostAuditEntries, sinceUnixMs: fromUnixMs, untilUnixMs }),
    auditEntries: capabilities.audit.count({ sinceUnixMs: fromUnixMs, untilUnixMs }),
  };
}
