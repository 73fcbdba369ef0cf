import type { BundleCreateOptions } from './bundle.ts';

/** What `POST /api/v1/bundles` and `…/estimate` are sent. */
export const bundleOrder = (options: BundleCreateOptions): object => ({
  ...(options.since !== undefined && { since: options.since }),
  ...(options.preset !== undefined && { preset: options.preset }),
  ...(options.until !== undefined && { until: options.until }),
  ...(options.maxBytes !== undefined && { maxBytes: options.maxBytes }),
  ...(Object.keys(options.maxBytesPer).length > 0 && { maxBytesPer: options.maxBytesPer }),
  ...(options.raw && { raw: true }),
  ...(options.parquet && { parquet: true }),
  nodes: options.node,
  roles: options.role,
  classes: options.class,
  redaction: options.redact,
});
