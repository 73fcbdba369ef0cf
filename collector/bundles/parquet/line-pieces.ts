import { type FileHandle, open, rm } from 'node:fs/promises';

const newline = 10;
const brace = '{'.charCodeAt(0);

/** Lines of JSON in a file of their own. */
export interface LinePiece {
  path: string;
  rows: number;
  bytes: number;
}

/** Cuts content into files of whole lines of JSON. */
export interface LinePieces {
  /** Returns the pieces that are full with this. */
  write(chunk: Buffer): Promise<LinePiece[]>;
  /** Ends the line that is under way, as a file that ends does. */
  endLine(): Promise<void>;
  /** The last piece; undefined when there is none. */
  end(): Promise<LinePiece | undefined>;
  /** Lines that are no objects and were passed over: redaction puts a mark in place of a line that is too long for it. */
  readonly otherLines: number;
  /** Removes the open piece. */
  abandon(): Promise<void>;
}

/** `nextPath` is asked, and may refuse by throwing, before each piece is begun. */
export function createLinePieces(nextPath: () => Promise<string>, maxBytes: number): LinePieces {
  let current: { file: FileHandle; piece: LinePiece } | undefined;
  /** Of the line that is under way: whether it is kept. Undefined at the beginning of a line. */
  let keeps: boolean | undefined;
  let otherLines = 0;

  const append = async (bytes: Buffer, rows: number): Promise<void> => {
    if (bytes.length === 0) return;
    if (!current) {
      const path = await nextPath();
      current = { file: await open(path, 'wx', 0o600), piece: { path, rows: 0, bytes: 0 } };
    }
    await current.file.appendFile(bytes);
    current.piece.bytes += bytes.length;
    current.piece.rows += rows;
  };
  const close = async (): Promise<LinePiece | undefined> => {
    const closed = current;
    current = undefined;
    await closed?.file.close();
    return closed?.piece;
  };

  return {
    get otherLines() {
      return otherLines;
    },
    async write(chunk) {
      const full: LinePiece[] = [];
      /** What is kept and not written yet begins here. */
      let from = 0;
      let rows = 0;
      let at = 0;
      while (at < chunk.length) {
        if (keeps === undefined) {
          keeps = chunk[at] === brace;
          if (!keeps) {
            await append(chunk.subarray(from, at), rows);
            rows = 0;
            otherLines += 1;
          }
        }
        const end = chunk.indexOf(newline, at);
        const next = end === -1 ? chunk.length : end + 1;
        if (keeps && end !== -1) rows += 1;
        if (!keeps) from = next;
        if (end !== -1) keeps = undefined;
        at = next;
        if (keeps === undefined && (current?.piece.bytes ?? 0) + at - from >= maxBytes) {
          await append(chunk.subarray(from, at), rows);
          [from, rows] = [at, 0];
          const piece = await close();
          if (piece) full.push(piece);
        }
      }
      await append(chunk.subarray(from), rows);
      return full;
    },
    async endLine() {
      if (keeps) await append(Buffer.from([newline]), 1);
      keeps = undefined;
    },
    end: close,
    async abandon() {
      const piece = await close();
      if (piece) await rm(piece.path, { force: true });
    },
  };
}
