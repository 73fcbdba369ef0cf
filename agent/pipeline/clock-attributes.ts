import type { ClockOffset } from '../control/clock-offset.ts';

/** Resource attributes of a batch of log records, in milliseconds: positive when this clock is ahead. */
export const clockAttributes = { offset: 'sextant.clock.offset_ms', bound: 'sextant.clock.bound_ms' } as const;

/** A smaller change than this is no news; a resource that changes with every batch would only cost space. */
const smallestStepMs = 5;

/**
 * The measured offset of this clock as `attributes` fields of an OTLP Resource, empty before the first measurement.
 * The same bytes are returned until the offset has moved by more than the measurement's own bound.
 */
export function createClockAttributes(clock: Pick<ClockOffset, 'ms' | 'boundMs'>): () => Buffer {
  let told: { offsetMs: number; boundMs: number } | undefined;
  let bytes: Buffer = Buffer.alloc(0);
  return () => {
    const offsetMs = clock.ms();
    const boundMs = clock.boundMs();
    if (offsetMs === undefined || boundMs === undefined) return bytes;
    const stepMs = Math.max(smallestStepMs, boundMs);
    if (told && Math.abs(told.offsetMs - offsetMs) <= stepMs && Math.abs(told.boundMs - boundMs) <= stepMs)
      return bytes;
    told = { offsetMs, boundMs };
    bytes = Buffer.concat([
      numberAttribute(clockAttributes.offset, Math.round(offsetMs)),
      numberAttribute(clockAttributes.bound, Math.ceil(boundMs)),
    ]);
    return bytes;
  };
}

/** `Resource.attributes`, one KeyValue with a double. Short keys only: every length is one byte. */
function numberAttribute(key: string, value: number): Buffer {
  const name = Buffer.from(key);
  const any = Buffer.alloc(9);
  any[0] = 0x21;
  any.writeDoubleLE(value, 1);
  const pair = Buffer.concat([Buffer.from([0x0a, name.length]), name, Buffer.from([0x12, any.length]), any]);
  return Buffer.concat([Buffer.from([0x0a, pair.length]), pair]);
}
