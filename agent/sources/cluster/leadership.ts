import type { LogPipeline } from '../source.ts';

const positionKey = 'cluster:leadership';
const follows = 'follows';

/** Whether this node owns the core group, and since when; across restarts of the agent. */
export interface Leadership {
  /** What the cluster has just said. */
  saw(leads: boolean): void;
  leads(): boolean;
  /** When it took over from another; undefined while it follows, and where no other has led since it was enrolled. */
  sinceUnixMs(): number | undefined;
}

export function createLeadership({ logs, nowMs }: { logs: LogPipeline; nowMs(): number }): Leadership {
  let known = logs.position(positionKey);
  let leads = false;

  function note(position: string): void {
    known = position;
    logs.mark(positionKey, position);
  }

  return {
    saw(now) {
      leads = now;
      if (!now && known !== follows) note(follows);
      else if (now && known === follows) note(String(nowMs()));
    },
    leads: () => leads,
    sinceUnixMs: () => (known === undefined || known === follows ? undefined : Number(known)),
  };
}
