import type { ExportJob } from '../api/shapes/exports.ts';
import type { State } from '../state/state.ts';

/** Exports in state.db. */
export interface ExportRecords {
  /** Durable when it returns. */
  save(job: ExportJob): void;
  get(id: string): ExportJob | undefined;
  /** Newest first. */
  list(limit: number): ExportJob[];
  /** Those that have not ended. */
  open(): ExportJob[];
}

const ended: readonly ExportJob['state'][] = ['complete', 'partial', 'failed', 'cancelled', 'interrupted'];
export const hasEnded = ({ state }: Pick<ExportJob, 'state'>): boolean => ended.includes(state);

export function createExportRecords({ database }: State): ExportRecords {
  const upsert = database.prepare(
    `INSERT INTO exports (id, bundle, state, requested_by, requested_unix_ms, job) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = excluded.state, job = excluded.job`,
  );
  const one = database.prepare('SELECT job FROM exports WHERE id = ?');
  const newest = database.prepare('SELECT job FROM exports ORDER BY requested_unix_ms DESC, rowid DESC LIMIT ?');
  const unfinished = database.prepare(
    `SELECT job FROM exports WHERE state NOT IN (${ended.map(() => '?').join(', ')}) ORDER BY requested_unix_ms`,
  );
  const read = (row: Record<string, unknown>): ExportJob => JSON.parse(String(row.job));
  return {
    save: (job) => {
      upsert.run(
        job.id,
        job.bundle,
        job.state,
        job.requestedBy,
        Date.parse(job.requestedAt),
        JSON.stringify({ ...job, progress: null }),
      );
    },
    get: (id) => {
      const row = one.get(id);
      return row && read(row);
    },
    list: (limit) => newest.all(limit).map(read),
    open: () => unfinished.all(...ended).map(read),
  };
}
