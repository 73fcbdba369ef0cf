import type { Log } from '../../../logging/log.ts';

export interface Refusal {
  address: string;
  transport: 'tls' | 'tcp' | 'udp';
  why: string;
}

/** Counts who was sent away, and says so in the log without being flooded. */
export interface Refusals {
  refuse(refusal: Refusal): void;
  count(): number;
}

const sayEveryMs = 10_000;

export function createRefusals({ log, nowMs }: { log: Log; nowMs: () => number }): Refusals {
  let count = 0;
  let saidMs = Number.NEGATIVE_INFINITY;
  return {
    refuse(refusal) {
      count += 1;
      if (nowMs() - saidMs < sayEveryMs) return;
      saidMs = nowMs();
      log.warn({ ...refusal, refused: count }, 'syslog was refused; peers are named in collector.syslog.peers');
    },
    count: () => count,
  };
}
