import { sqlFile } from '../../query/sql-file.ts';
import type { LocalEngine } from '../../store/store.ts';
import type { ParquetShape } from './parquet-shape.ts';

const digestSql = sqlFile('../sql/parquet-digest.sql', import.meta.url);

/** Redacted lines on disk, and the file that is to be made of them. */
export interface ParquetOrder {
  shape: ParquetShape;
  lines: string;
  parquet: string;
  /** What was counted while the lines were written. */
  rows: number;
  bytes: number;
  /** Of logs. */
  scope: string;
}

/** What one statement of a conversion may take of the engine's memory; usual ones take a quarter. */
const maxMemoryBytes = 200_000_000;
/**
 * A row group stands in memory while it is written, lines of a megabyte too: 64 MB of those in one group took 290 MB
 * resident, in groups of this size 45, and short lines as much.
 */
const groupBytes = 12 * 2 ** 20;
const maxGroupRows = 50_000;
const blocksPerGroup = 6;

/**
 * Has the engine write lines as a Parquet file, and read both back: no scan of text can look into packed columns, so every
 * value in them has to be one of the lines, which were looked at. Throws when a row or a value is another.
 */
export async function writeParquetFile(engine: LocalEngine, order: ParquetOrder, signal: AbortSignal): Promise<void> {
  const { shape, lines, parquet, rows, bytes, scope } = order;
  const { columns } = shape;
  const groupRows = Math.max(1, Math.min(maxGroupRows, Math.floor((groupBytes * rows) / Math.max(1, bytes))));
  const blockRows = Math.max(1, Math.floor(groupRows / blocksPerGroup));
  const bounds = { maxMemoryBytes, blockRows };
  await told(engine.command(shape.write, { ...bounds, columns, lines, parquet, groupRows, scope }));
  const digest = async (path: string, format: string): Promise<string> => {
    signal.throwIfAborted();
    const asked = engine.rows<{ rows: number; digest: string }>(digestSql, { ...bounds, columns, path, format });
    const [found] = await told(asked);
    return `${found?.rows} rows, digest ${found?.digest}`;
  };
  const [ofLines, ofFile] = [await digest(lines, 'JSONEachRow'), await digest(parquet, 'Parquet')];
  if (ofLines !== ofFile || !ofFile.startsWith(`${rows} rows,`)) {
    throw new Error(`what the engine has written differs from the ${rows} lines`);
  }
}

/**
 * What the engine says of a failure goes on with the place in a line and what stands there. The reason becomes part of
 * coverage, which lies in the open where the volumes are encrypted: it gets the name of the failure alone.
 */
async function told<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    const { code, type } = cause as { code?: unknown; type?: unknown };
    const name = [type, code].find((text) => typeof text === 'string' && /^[A-Z0-9_]{1,64}$/.test(text));
    throw new Error(`the engine cannot write or read it (${name ?? 'it does not say why'})`, { cause });
  }
}
