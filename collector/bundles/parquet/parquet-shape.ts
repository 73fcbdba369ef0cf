import { sqlFile } from '../../query/sql-file.ts';

/** How lines of the volume become rows: every field that a line may have, by its name there. */
export interface ParquetShape {
  /** Names and types for the engine. */
  columns: string;
  /** The statement that writes a file. */
  write: string;
}

const time = "DateTime64(9, 'UTC')";

export const parquetShapes: Record<'logs' | 'metrics', ParquetShape> = {
  logs: {
    columns: `timestamp ${time}, node String, severity String, body String, attributes Map(String, String), resource Map(String, String), eventName Nullable(String), traceId Nullable(String), spanId Nullable(String)`,
    write: sqlFile('../sql/parquet-logs.sql', import.meta.url),
  },
  metrics: {
    columns: `timestamp ${time}, node String, name String, kind String, value Nullable(Float64), unit String, attributes Map(String, String), monotonic Nullable(Bool), deltaSince Nullable(${time}), histogram Tuple(count Nullable(UInt64), bounds Array(Float64), counts Array(UInt64))`,
    write: sqlFile('../sql/parquet-metrics.sql', import.meta.url),
  },
};
