/** Answers kept; the one with the shortest round trip among them tells the offset. About a minute of heartbeats. */
const windowSize = 8;

export interface ClockOffset {
  /** One exchange: when we sent, the collector's clock when it answered, when the answer was here (ours). */
  add(exchange: { sentUnixMs: number; collectorUnixMs: number; receivedUnixMs: number }): void;
  /** Milliseconds that this clock is ahead of the collector's; undefined before the first exchange. */
  ms(): number | undefined;
  /** How far off `ms` can be: half the round trip that it was measured with. */
  boundMs(): number | undefined;
}

/**
 * Measures this clock against the collector's as NTP does: half the round trip is taken out, and of the last exchanges
 * the quickest is believed, because queueing only ever adds.
 */
export function createClockOffset(): ClockOffset {
  let recent: { roundTripMs: number; offsetMs: number }[] = [];
  return {
    add({ sentUnixMs, collectorUnixMs, receivedUnixMs }) {
      const roundTripMs = receivedUnixMs - sentUnixMs;
      // The clock was set back meanwhile: what was measured before it means nothing any more.
      if (roundTripMs < 0) {
        recent = [];
        return;
      }
      const offsetMs = sentUnixMs + roundTripMs / 2 - collectorUnixMs;
      const known = quickest(recent);
      // A step of the clock shows as a jump that the round trips cannot explain.
      if (known && Math.abs(offsetMs - known.offsetMs) > known.roundTripMs + roundTripMs + 5) recent = [];
      recent.push({ roundTripMs, offsetMs });
      if (recent.length > windowSize) recent.shift();
    },
    ms: () => quickest(recent)?.offsetMs,
    boundMs() {
      const best = quickest(recent);
      return best && best.roundTripMs / 2;
    },
  };
}

const quickest = <T extends { roundTripMs: number }>(exchanges: T[]): T | undefined =>
  exchanges.reduce<T | undefined>(
    (best, each) => (best && best.roundTripMs <= each.roundTripMs ? best : each),
    undefined,
  );
