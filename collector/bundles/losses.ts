import type { CoverageGap } from '../../bundle/coverage.ts';
import type { LogRow } from '../api/shapes/logs.ts';

const marks = 'sextant.gap.';
const maxText = 300;

/** Agents write down what they know to have missed, as records among the others: here they are told apart. */
export interface Losses {
  /** Looks at a record; gives it back. */
  seen(row: LogRow): LogRow;
  /** One a channel, from its first note to its last. */
  gaps(): CoverageGap[];
}

export function createLosses(): Losses {
  const found = new Map<
    string,
    { count: number; first: string; last: string; text: string; kind: CoverageGap['kind'] }
  >();
  return {
    seen: (row) => {
      for (const name in row.attributes) {
        if (!name.startsWith(marks)) continue;
        const channel = row.attributes['log.file.path'] ?? row.attributes['windows.eventlog.channel'] ?? '';
        // What was only not watched need not be lost.
        const kind = row.attributes['sextant.gap.unwatched'] === 'true' ? 'silence' : 'lost';
        const known = found.get(channel);
        if (known)
          Object.assign(known, {
            count: known.count + 1,
            last: row.timestamp,
            kind: known.kind === 'lost' ? 'lost' : kind,
          });
        else found.set(channel, { count: 1, first: row.timestamp, last: row.timestamp, text: row.body, kind });
        break;
      }
      return row;
    },
    gaps: () =>
      [...found.values()].map(({ kind, count, first, last, text }) => ({
        kind,
        from: first,
        until: last,
        what: `${text.slice(0, maxText)}${count > 1 ? ` (and ${count - 1} more notes like it)` : ''}`,
      })),
  };
}
