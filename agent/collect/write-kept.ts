import { type AskedClasses, isAskedFor } from '../../bundle/asked-classes.ts';
import type { CoverageSource } from '../../bundle/coverage.ts';
import { writeKeptLogs } from './kept-logs.ts';
import { writeKeptMetrics } from './kept-metrics.ts';
import { noteKeptSince } from './kept-since.ts';
import { sizeKeptMetrics } from './kept-sizes.ts';
import type { KeptRequest } from './kept-telemetry.ts';

/**
 * Writes what this node has kept of the classes that were asked for. From when on it has measured says from when on its agent
 * was there, so that metrics are looked at for logs too, where they are not asked for themselves.
 */
export async function writeKept(request: KeptRequest, classes: AskedClasses): Promise<CoverageSource[]> {
  const logs = isAskedFor(classes, 'logs') ? [await writeKeptLogs(request)] : [];
  const metrics = isAskedFor(classes, 'metrics') ? [await writeKeptMetrics(request)] : [];
  const sources = [...logs, ...metrics];
  if (sources.length === 0) return [];
  const measured = metrics[0] ?? (await sizeKeptMetrics({ ...request, look: request.look() })).source;
  noteKeptSince(sources, measured, request);
  return sources;
}
