import type { Sample } from '../../pipeline/metric-data.ts';
import { enumName, number, type Row, rows, text, texts } from '../../powershell/json-values.ts';
import type { ClusterMetric } from '../azure-local-metrics.ts';
import { known } from './cluster-state.ts';

type Partial = Omit<Sample<ClusterMetric>, 'value'> & { value: number | undefined };

const healthNames: Record<number, string> = { 0: 'Healthy', 1: 'Warning', 2: 'Unhealthy', 5: 'Unknown' };
const mediaTypes = { 0: 'Unspecified', 3: 'HDD', 4: 'SSD', 5: 'SCM' };
const usages = { 1: 'Auto-Select', 2: 'Manual-Select', 3: 'Hot Spare', 4: 'Retired', 5: 'Journal' };

/** 0, 1 or 2; undefined for Unknown and for what is not told. */
export function healthNumber(value: unknown): number | undefined {
  const name = enumName(value, healthNames);
  const found = Object.entries(healthNames).find(([, candidate]) => candidate === name)?.[0];
  return found === undefined || name === 'Unknown' ? undefined : Number(found);
}

/** Samples of the answer of storage.ps1. */
export function storageSamples(state: Row): Sample<ClusterMetric>[] {
  return known([
    ...rows(state.pools).flatMap((pool): Partial[] => {
      const attributes = named('pool', pool);
      return [
        { metric: 'azurelocal.pool.size', value: number(pool.Size), attributes },
        { metric: 'azurelocal.pool.allocated', value: number(pool.AllocatedSize), attributes },
        { metric: 'azurelocal.pool.health', value: healthNumber(pool.HealthStatus), attributes },
      ];
    }),
    ...rows(state.virtualDisks).flatMap((disk): Partial[] => {
      const attributes = named('virtual_disk', disk);
      return [
        { metric: 'azurelocal.virtual_disk.size', value: number(disk.Size), attributes },
        { metric: 'azurelocal.virtual_disk.footprint', value: number(disk.FootprintOnPool), attributes },
        { metric: 'azurelocal.virtual_disk.health', value: healthNumber(disk.HealthStatus), attributes },
      ];
    }),
    ...rows(state.physicalDisks).flatMap((disk): Partial[] => {
      const attributes = {
        ...named('physical_disk', disk),
        'azurelocal.physical_disk.serial': text(disk.SerialNumber)?.trim() ?? '',
        'azurelocal.physical_disk.media': enumName(disk.MediaType, mediaTypes) ?? '',
        'azurelocal.physical_disk.usage': enumName(disk.Usage, usages) ?? '',
        'azurelocal.physical_disk.location': text(disk.PhysicalLocation) ?? '',
      };
      return [
        { metric: 'azurelocal.physical_disk.size', value: number(disk.Size), attributes },
        { metric: 'azurelocal.physical_disk.allocated', value: number(disk.AllocatedSize), attributes },
        { metric: 'azurelocal.physical_disk.health', value: healthNumber(disk.HealthStatus), attributes },
      ];
    }),
    ...rows(state.jobs).flatMap((job): Partial[] => {
      const attributes = {
        'azurelocal.storage_job.name': text(job.Name) ?? '',
        'azurelocal.storage_job.id': text(job.UniqueId) ?? '',
        'azurelocal.storage_job.state': text(job.JobState) ?? '',
      };
      const percent = number(job.PercentComplete);
      const total = number(job.BytesTotal);
      const done = number(job.BytesProcessed);
      return [
        {
          metric: 'azurelocal.storage_job.progress',
          value: percent === undefined ? undefined : percent / 100,
          attributes,
        },
        {
          metric: 'azurelocal.storage_job.remaining',
          value: total === undefined || done === undefined ? undefined : Math.max(0, total - done),
          attributes,
        },
      ];
    }),
  ]);
}

/** The operational status says why something is not healthy: `Degraded, Incomplete`. */
function named(kind: string, row: Row): Record<string, string> {
  return {
    [`azurelocal.${kind}.name`]: text(row.FriendlyName) ?? '',
    [`azurelocal.${kind}.id`]: text(row.UniqueId) ?? '',
    [`azurelocal.${kind}.status`]: texts(row.OperationalStatus).join(', '),
  };
}
