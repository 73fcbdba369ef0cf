import { SeverityNumber } from '@opentelemetry/api-logs';
import { createPowerShell, type PowerShellOptions } from '../../powershell/powershell.ts';
import { type ClusterMetric, clusterMetrics } from '../azure-local-metrics.ts';
import { createPolledSource, type PolledTask } from '../poller.ts';
import type { Source, SourceContext } from '../source.ts';
import { historySamples } from './capacity-history.ts';
import { clusterSamples, isLeader } from './cluster-state.ts';
import { createFaultJournal } from './fault-journal.ts';
import { faultSamples, parseHealthFaults } from './health-faults.ts';
import { createLeadership } from './leadership.ts';
import { storageSamples } from './storage-state.ts';

const historyKey = 'cluster:capacity-history';
/** Until it has been read once. */
const historyEveryMs = 3_600_000;
/** Some hundred questions to a service that takes its time with each; below the patience with a task. */
const historyTimeoutMs = 270_000;

/**
 * Cluster, storage and health faults of an Azure Local instance through PowerShell. The node that owns the core group
 * reports for all; the others find out that they do not lead, which takes one short script.
 */
export function createClusterSource(
  context: SourceContext,
  options: { powerShell?: PowerShellOptions; placeOf?: (task: string) => number } = {},
): Source {
  const { cluster } = context.profile;
  const powerShell = createPowerShell(context.programs, options.powerShell);
  const patientShell = createPowerShell(context.programs, { timeoutMs: historyTimeoutMs, ...options.powerShell });
  /** By what the last answer of cluster.ps1 said; `told` when there has been one. */
  const leadership = createLeadership(context);
  const faultJournal = createFaultJournal(context.logs, leadership);
  const told = Promise.withResolvers<void>();

  const task = (name: string, everyMs: number, ask: PolledTask<ClusterMetric>['ask']): PolledTask<ClusterMetric> => ({
    name,
    everyMs,
    ask,
  });
  /** Only the leader asks for what every node would answer alike. */
  const asLeader = (name: string, everyMs: number, ask: PolledTask<ClusterMetric>['ask']) =>
    task(name, everyMs, async (signal) => {
      // What is asked every hour must not find out an hour later that this node leads.
      await beforeAbort(told.promise, signal);
      return leadership.leads() ? ask(signal) : { samples: [] };
    });

  async function readHistory(signal: AbortSignal) {
    if (context.logs.position(historyKey) !== undefined) return { samples: [] };
    const answer = await patientShell.ask('capacity-history', signal);
    if (!answer) return undefined;
    const samples = historySamples(answer);
    // A cluster that has only just begun to remember, or whose Health Service does not answer, is asked again.
    if (samples.length === 0) return { samples: [] };
    // Durable before it is written down as done: a crash in between reads it twice, which changes nothing.
    await context.samples.report('cluster', clusterMetrics, samples);
    context.logs.logger('cluster').emit({
      eventName: 'sextant.agent.capacity_history',
      severityNumber: SeverityNumber.INFO,
      severityText: 'INFO',
      body: `The capacity history that Windows keeps was read: ${samples.length} samples`,
      attributes: { samples: samples.length },
    });
    context.logs.mark(historyKey, 'read');
    return { samples: [], records: samples.length + 1 };
  }

  return createPolledSource(context, {
    name: 'cluster',
    catalogue: clusterMetrics,
    absent: cluster.enabled ? undefined : 'switched off in the profile',
    tasks: [
      task('cluster', cluster.every, async (signal) => {
        try {
          const state = await powerShell.ask('cluster', signal);
          leadership.saw(state !== undefined && isLeader(state));
          return state && { samples: clusterSamples(state) };
        } finally {
          told.resolve();
        }
      }),
      asLeader('storage', cluster.every, async (signal) => {
        const state = await powerShell.ask('storage', signal);
        return state && { samples: storageSamples(state) };
      }),
      asLeader('health faults', cluster.faultsEvery, async (signal) => {
        const state = await powerShell.ask('health-faults', signal);
        if (!state) return undefined;
        const faults = parseHealthFaults(state);
        return { samples: faultSamples(faults), records: faultJournal.tell(faults) };
      }),
      ...(cluster.history ? [asLeader('capacity history', historyEveryMs, readHistory)] : []),
    ],
    ...(options.placeOf && { placeOf: options.placeOf }),
  });
}

async function beforeAbort(what: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await Promise.race([what, promise]);
  signal.throwIfAborted();
}
