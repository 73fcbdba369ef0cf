import type { Coverage } from './coverage.ts';

/** First folder, in the collector's volumes, of what lies there as Parquet too; whatever reads a bundle passes it over. */
export const parquetFolder = 'parquet';

/** Name in coverage of the Parquet copy of what the collector had stored of a node. */
export const parquetSource = (kind: 'logs' | 'metrics'): string => `telemetry/${kind}-parquet`;

/** A copy holds nothing that is not in its NDJSON, so nothing is lost without it. */
export const isParquetSource = (source: string): boolean =>
  source === parquetSource('logs') || source === parquetSource('metrics');

export const hasParquet = ({ sources }: Pick<Coverage, 'sources'>): boolean =>
  sources.some(({ source, bytes }) => isParquetSource(source) && bytes > 0);

/** For README.txt, below the line about telemetry volumes. */
export const parquetLine = `                               parquet/: the same lines of logs and metrics with typed columns, for DuckDB,
                               pandas, ClickHouse; made from the lines, which count where they differ
`;
