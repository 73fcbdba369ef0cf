import { randomBytes } from 'node:crypto';
import type { EstimatedItem, EstimateRequest } from '../../../protocol/control.ts';
import type { ControlHub } from '../../control/hub.ts';

export interface NodeEstimate {
  node: string;
  state: 'estimated' | 'unreachable' | 'timeout' | 'failed';
  reason: string | null;
  items: EstimatedItem[];
}

/** Asks one node what it would gather. A node that is not connected, goes away or does not answer in time says so. */
export async function askForEstimate(
  hub: ControlHub,
  node: string,
  request: Omit<EstimateRequest, 'type' | 'estimateId'>,
  { signal, unreachable = 'not connected to the collector' }: { signal: AbortSignal; unreachable?: string | undefined },
): Promise<NodeEstimate> {
  const estimateId = randomBytes(8).toString('hex');
  const { promise, resolve } = Promise.withResolvers<NodeEstimate>();
  const fail = (state: NodeEstimate['state'], reason: string): void => resolve({ node, state, reason, items: [] });
  const stops = [
    hub.onMessage((from, message) => {
      if (from !== node || message.type !== 'estimate-done' || message.estimateId !== estimateId) return;
      if (message.error !== undefined) fail('failed', message.error);
      else resolve({ node, state: 'estimated', reason: null, items: message.items });
    }),
    hub.onDisconnect((gone) => {
      if (gone === node) fail('unreachable', 'the connection ended before it answered');
    }),
  ];
  const late = setTimeout(
    () => fail('timeout', `did not answer within ${Math.round(request.deadlineMs / 1000)} s`),
    request.deadlineMs,
  );
  const onAbort = (): void => fail('failed', 'broken off');
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  if (!hub.send(node, { type: 'estimate', estimateId, ...request })) {
    fail('unreachable', unreachable);
  }
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', onAbort);
    for (const stop of stops) stop();
  }
}
