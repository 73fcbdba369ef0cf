import type { WrittenSeries } from './memory-source.ts';

const everySeconds = 15;
/** Samples lie between the times of evaluation, so that no release's rule about a window's edges matters. */
const phaseSeconds = 7;

const over = (seconds: number, value: (index: number) => number | undefined): [number, number][] =>
  Array.from({ length: Math.floor(seconds / everySeconds) }, (_, index) => index).flatMap((index) => {
    const one = value(index);
    return one === undefined ? [] : [[index * everySeconds + phaseSeconds, one] as [number, number]];
  });

/** An hour of a small site: counters with resets, gaps and late starts, gauges with NaN and infinities, a histogram. */
export const siteSeries: WrittenSeries[] = [
  ...['a', 'b', 'c'].flatMap((instance, which) =>
    ['200', '404', '500'].map(
      (code, order): WrittenSeries => ({
        name: 'http_requests_total',
        labels: { job: which === 2 ? 'worker' : 'api', instance, code },
        samples: over(3600, (index) => {
          if (instance === 'b' && index > 100 && index < 140) return undefined;
          if (instance === 'c' && index < 60) return undefined;
          const resetAt = 80 + which * 30;
          const since = index < resetAt ? index : index - resetAt;
          return (
            since * (7 - 2 * order) +
            ((index * 13) % 5) * (order === 0 ? 0 : 0.25) +
            (index < resetAt ? order * 100 : 0)
          );
        }),
      }),
    ),
  ),
  ...['north', 'south', 'east'].map(
    (room, which): WrittenSeries => ({
      name: 'temperature_celsius',
      labels: { room, floor: String(which % 2) },
      samples: over(3600, (index) => {
        if (room === 'east' && index % 50 === 49) return Number.NaN;
        if (room === 'south' && index === 200) return Number.POSITIVE_INFINITY;
        return Math.round((Math.sin(index / 17 + which) * 12.5 + which * 3 - 4) * 1000) / 1000;
      }),
    }),
  ),
  ...['/', '/var'].flatMap((mount, which): WrittenSeries[] => [
    {
      name: 'disk_free_bytes',
      labels: { mount, device: `sd${which}` },
      samples: over(3600, (index) => 5e11 - index * 1e7 * (which + 1)),
    },
    { name: 'disk_size_bytes', labels: { mount, device: `sd${which}` }, samples: over(3600, () => 1e12) },
  ]),
  ...['0.1', '0.5', '1', '+Inf'].flatMap((le, order) =>
    ['a', 'b'].map(
      (instance, which): WrittenSeries => ({
        name: 'request_seconds_bucket',
        labels: { job: 'api', instance, le },
        samples: over(3600, (index) => index * ([2, 5, 6, 7][order] ?? 0) * (which + 1)),
      }),
    ),
  ),
  ...['a', 'b'].map(
    (instance, which): WrittenSeries => ({
      name: 'request_seconds_count',
      labels: { job: 'api', instance },
      samples: over(3600, (index) => index * 7 * (which + 1)),
    }),
  ),
  { name: 'build_info', labels: { job: 'api', version: '1.2', branch: 'main' }, samples: over(3600, () => 1) },
  { name: 'build_info', labels: { job: 'worker', version: '1.3', branch: 'main' }, samples: over(3600, () => 1) },
  { name: 'ends_early', labels: { job: 'api' }, samples: over(1200, (index) => index) },
  { name: 'constant', labels: {}, samples: over(3600, () => 42) },
];
