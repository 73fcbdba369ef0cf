import { bundlePresets } from '../../bundle/preset.ts';
import { defaultProfile } from '../../bundle/redaction/profile.ts';
import type { Log } from '../../logging/log.ts';
import type { Alerts, FiringAlert } from '../alerts/alerts.ts';
import type { BundleJobs } from './bundle-jobs.ts';

export interface BundleTriggers {
  /** Waits for the bundle that is being ordered; none is after that. */
  close(): Promise<void>;
}

const dayMs = 24 * 3_600_000;

/**
 * Orders a bundle when an alert fires whose rule asks for one. It is of all nodes: what is wrong on one is often seen on
 * its neighbours, and further alerts of the rule are then in it already.
 */
export function createBundleTriggers(
  {
    alerts,
    jobs,
    log,
    nowMs,
  }: {
    alerts: Pick<Alerts, 'onFiring'>;
    jobs: Pick<BundleJobs, 'create' | 'orderedSince'>;
    log: Log;
    nowMs: () => number;
  },
  options: { perRuleMs: number; perDay: number },
): BundleTriggers {
  let ordering: Promise<void> = Promise.resolve();
  let closed = false;

  /** Why there will be none; undefined when nothing speaks against it. What failed counts too: it would fail again. */
  const limit = (rule: string): string | undefined => {
    const now = nowMs();
    const earlier = jobs.orderedSince('alert', now - Math.max(dayMs, options.perRuleMs));
    if (earlier.filter(({ createdUnixMs }) => createdUnixMs > now - dayMs).length >= options.perDay) {
      return `there were ${options.perDay} within a day`;
    }
    const last = earlier.find(({ requestedBy }) => requestedBy === rule);
    return last && last.createdUnixMs > now - options.perRuleMs ? 'its rule had one a short time ago' : undefined;
  };
  const order = async ({ rule, node, subject }: FiringAlert): Promise<void> => {
    if (closed || rule.bundle === undefined) return;
    const about = { rule: rule.id, node, subject };
    try {
      const reason = limit(rule.id);
      if (reason !== undefined) {
        log.info({ ...about, reason }, 'no bundle for this alert');
        return;
      }
      const untilUnixMs = nowMs();
      const job = await jobs.create({
        ...{ fromUnixMs: untilUnixMs - bundlePresets[rule.bundle], untilUnixMs },
        ...{ nodes: [], roles: [], redaction: defaultProfile, requestedBy: rule.id, origin: 'alert' },
      });
      log.info({ ...about, bundle: job.id }, 'a bundle for this alert');
    } catch (error) {
      log.error({ ...about, err: error }, 'cannot make a bundle for this alert');
    }
  };
  // One after the other, so that each sees what the others have ordered.
  const stop = alerts.onFiring((alert) => {
    if (options.perDay > 0) ordering = ordering.then(() => order(alert));
  });

  return {
    close: async () => {
      closed = true;
      stop();
      await ordering;
    },
  };
}
