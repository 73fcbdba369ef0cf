import type { BundleJob } from '../../../../collector/api/shapes/bundles.ts';

export const isActive = (job: BundleJob): boolean => ['waiting', 'gathering', 'writing'].includes(job.state);
export const isReady = (job: BundleJob): boolean => job.path !== null;

/** States of items that will not change any more. */
const settled = new Set(['ok', 'partial', 'timeout', 'denied', 'rotated-away', 'absent', 'failed', 'cancelled']);
export const itemsDone = (job: BundleJob): number => job.items.filter((item) => settled.has(item.state)).length;
