import type { Sample } from '../../pipeline/metric-data.ts';
import { flag, number, texts } from '../../powershell/json-values.ts';
import type { ProbeMetric } from '../azure-local-metrics.ts';
import type { ProbeResult } from './probe.ts';

const parts = ['Services', 'Diagnostics', 'Identity', 'Networking'] as const;
const maxDetailChars = 1_000;

/** Path of the control plane's own word on itself. */
export const readinessPath = '/sysconfig/SystemReadiness';

/**
 * Adds to the answer of SystemReadiness what it says. The parts stand beside SystemReady or in an object of their own;
 * both are understood.
 */
export function readReadiness(result: ProbeResult & { body?: Buffer }): ProbeResult {
  const { body, ...rest } = result;
  if (!rest.up || !body) return rest;
  const answer = parseObject(body);
  const ready = answer && flag(answer.SystemReady);
  if (!answer || ready === undefined) {
    return { ...rest, up: false, errorType: 'unexpected_answer', detail: 'SystemReadiness says no SystemReady' };
  }
  const samples: Sample<ProbeMetric>[] = [{ metric: 'azurelocal.control_plane.ready', value: Number(ready) }];
  for (const part of parts) {
    const percent = number(findPart(answer, part));
    if (percent === undefined) continue;
    samples.push({
      metric: 'azurelocal.control_plane.readiness',
      value: percent / 100,
      attributes: { 'azurelocal.control_plane.part': part },
    });
  }
  const all = [...(rest.samples ?? []), ...samples];
  if (ready) return { ...rest, samples: all };
  const messages = texts(answer.ErrorMessages).join('; ') || 'the control plane says that it is not ready';
  return { ...rest, samples: all, up: false, errorType: 'not_ready', detail: messages.slice(0, maxDetailChars) };
}

function findPart(answer: Record<string, unknown>, part: string): unknown {
  if (part in answer) return answer[part];
  for (const value of Object.values(answer)) {
    if (typeof value === 'object' && value !== null && part in value) return (value as Record<string, unknown>)[part];
  }
  return undefined;
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
