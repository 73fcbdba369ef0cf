import type { HardwareReading } from './instruments.ts';

/** A round is given up after five minutes with all that it has read; so it ends by itself before. */
const roundMs = 4 * 60_000;

/**
 * Reads one device after the other. One that gives no answer, or none that can be read, is left out; rejects with its
 * failure when nothing else was read. What is not reached in time is left for the next round.
 */
export async function eachApart<Device>(
  devices: readonly Device[],
  read: (device: Device) => Promise<readonly HardwareReading[]>,
  { signal, withinMs = roundMs }: { signal: AbortSignal; withinMs?: number | undefined },
): Promise<HardwareReading[]> {
  const started = performance.now();
  const readings: HardwareReading[] = [];
  let failure: unknown;
  for (const device of devices) {
    if (performance.now() - started > withinMs) break;
    try {
      readings.push(...(await read(device)));
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  if (readings.length === 0 && failure !== undefined) throw failure;
  return readings;
}
