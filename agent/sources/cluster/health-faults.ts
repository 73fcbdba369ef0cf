import type { Sample } from '../../pipeline/metric-data.ts';
import { enumName, type Row, rows, text, texts, unixMs } from '../../powershell/json-values.ts';
import type { ClusterMetric } from '../azure-local-metrics.ts';

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
