import { createHash } from 'node:crypto';
import { SeverityNumber } from '@opentelemetry/api-logs';
import type { Sample } from '../../pipeline/metric-data.ts';
import { enumName, type Row, rows, text, texts, unixMs } from '../../powershell/json-values.ts';
import type { ClusterMetric } from '../azure-local-metrics.ts';
import type { LogPipeline } from '../source.ts';

/** PerceivedSeverity of a fault. */
const severities = {
  0: 'Unknown',
  2: 'Information',
  3: 'Degraded/Warning',
  4: 'Minor',
  5: 'Major',
  6: 'Critical',
  7: 'Fatal/NonRecoverable',
};
const severityNumbers = new Map(Object.entries(severities).map(([value, name]) => [name.toLowerCase(), Number(value)]));
/** Where the Health Service does not say how bad it is. */
const unknownSeverity = 3;

const positionKey = 'cluster:health-faults';
/** What is remembered is one line in the spool's checkpoint. */
const maxRemembered = 500;

/** One open fault of the Health Service. */
export interface HealthFault {
  id: string;
  type: string;
  severity: number;
  severityName: string;
  reason: string;
  recommended: string[];
  object: { description: string; location: string; type: string; id: string };
  raisedUnixMs: number | undefined;
}

/** Faults of the answer of health-faults.ps1, by id; what has no id or type is left out. */
export function parseHealthFaults(state: Row): HealthFault[] {
  return rows(state.faults).flatMap((fault) => {
    const id = text(fault.FaultId);
    const type = text(fault.FaultType);
    if (id === undefined || type === undefined) return [];
    const severityName = enumName(fault.PerceivedSeverity, severities) ?? 'Unknown';
    return [
      {
        id,
        type,
        severity: severityNumbers.get(severityName.toLowerCase()) || unknownSeverity,
        severityName,
        reason: text(fault.Reason) ?? '',
        recommended: texts(fault.RecommendedActions),
        object: {
          description: text(fault.FaultingObjectDescription) ?? '',
          location: text(fault.FaultingObjectLocation) ?? '',
          type: text(fault.FaultingObjectType) ?? '',
          id: text(fault.FaultingObjectUniqueId) ?? '',
        },
        raisedUnixMs: unixMs(fault.FaultTime),
      },
    ];
  });
}

export function faultSamples(faults: readonly HealthFault[]): Sample<ClusterMetric>[] {
  return faults.map((fault) => ({
    metric: 'azurelocal.health.fault',
    value: fault.severity,
    attributes: {
      'azurelocal.health.fault.id': fault.id,
      'azurelocal.health.fault.type': fault.type,
      'azurelocal.health.fault.object': fault.object.description,
    },
  }));
}

/** Tells in log records which faults are new, changed or gone, across restarts of the agent. */
export function createFaultJournal(logs: LogPipeline) {
  const logger = logs.logger('cluster');

  function emit(event: 'created' | 'updated' | 'removed', id: string, fault: HealthFault | undefined): void {
    const severe = event !== 'removed' && (fault?.severity ?? 0) > 4;
    const level = event === 'removed' ? 'INFO' : severe ? 'ERROR' : 'WARN';
    logger.emit({
      eventName: `azurelocal.health.fault.${event}`,
      severityNumber: SeverityNumber[level],
      severityText: level,
      body: fault
        ? `Health fault ${event}: ${fault.reason || fault.type} (${fault.object.description})`
        : `Health fault ${event}: ${id}`,
      attributes: {
        'azurelocal.health.fault.id': id,
        'azurelocal.health.fault.event': event,
        ...(fault && {
          'azurelocal.health.fault.type': fault.type,
          'azurelocal.health.fault.severity': fault.severityName,
          'azurelocal.health.fault.reason': fault.reason,
          'azurelocal.health.fault.recommended_actions': fault.recommended.join('\n'),
          'azurelocal.health.fault.object': fault.object.description,
          'azurelocal.health.fault.object.type': fault.object.type,
          'azurelocal.health.fault.object.id': fault.object.id,
          'azurelocal.health.fault.location': fault.object.location,
          ...(fault.raisedUnixMs && { 'azurelocal.health.fault.time': new Date(fault.raisedUnixMs).toISOString() }),
        }),
      },
    });
  }

  return {
    /** Compares with what was told last; returns how many records were emitted. */
    tell(faults: readonly HealthFault[]): number {
      const before = readRemembered(logs.position(positionKey));
      const now = new Map(faults.slice(0, maxRemembered).map((fault) => [fault.id, digest(fault)]));
      let records = 0;
      for (const fault of faults.slice(0, maxRemembered)) {
        const known = before.get(fault.id);
        if (known === now.get(fault.id)) continue;
        emit(known === undefined ? 'created' : 'updated', fault.id, fault);
        records += 1;
      }
      for (const id of before.keys()) {
        if (now.has(id)) continue;
        emit('removed', id, undefined);
        records += 1;
      }
      if (records > 0) logs.mark(positionKey, JSON.stringify([...now]));
      return records;
    },
  };
}

/** What of a fault is news when it changes; its time is not. */
function digest({ type, severity, reason, object }: HealthFault): string {
  const told = JSON.stringify([type, severity, reason, object.description, object.location]);
  return createHash('sha256').update(told).digest('base64url').slice(0, 12);
}

function readRemembered(position: string | undefined): Map<string, string> {
  try {
    const pairs: unknown = JSON.parse(position ?? '[]');
    return new Map(Array.isArray(pairs) ? (pairs as [string, string][]) : []);
  } catch {
    return new Map();
  }
}
