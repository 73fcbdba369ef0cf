import type { Operation } from './operation.ts';
import { accessOperations } from './operations/access.ts';
import { bundleOperations } from './operations/bundles.ts';
import { exportOperations } from './operations/exports.ts';
import { nodeOperations } from './operations/nodes.ts';
import { profileOperations } from './operations/profiles.ts';
import { prometheusOperations } from './operations/prometheus.ts';
import { telemetryOperations } from './operations/telemetry.ts';
import { upkeepOperations } from './operations/upkeep.ts';

/** Every route of `/api/v1` and `/prometheus/api/v1`, by method and path. A route that is missing here makes the description's test fail. */
export const operations: Record<string, Operation> = {
  ...accessOperations,
  ...nodeOperations,
  ...telemetryOperations,
  ...prometheusOperations,
  ...bundleOperations,
  ...exportOperations,
  ...profileOperations,
  ...upkeepOperations,
};
