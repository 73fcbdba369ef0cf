import { basename } from 'node:path';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { Logger, LogRecord } from '@opentelemetry/api-logs';
import type { FollowedFile } from './followed-file.ts';
import { createLineTime } from './line-time.ts';
import { scanLines } from './lines.ts';
import { guessSeverity } from './severity.ts';
import { detectEncoding } from './text-encoding.ts';

export interface ChunkResult {
  records: number;
  /** Bytes of the chunk that are done. */
  consumed: number;
}

/** Makes the function that turns a chunk into records and moves the file's position over them; synchronous. */
export function createChunkEmitter(options: { logger: Logger; maxLineBytes: number; nowMs: () => number }) {
  const { logger, maxLineBytes, nowMs } = options;
  const lineTime = createLineTime(nowMs);

  return (file: FollowedFile, chunk: Buffer, final: boolean): ChunkResult => {
    const { position } = file;
    const path = position.path;
    const name = basename(path);
    const observedTimestamp = nowMs();
    let records = 0;
    const result = scanLines(
      chunk,
      {
        encoding: detectEncoding(file.head).name,
        maxLineBytes,
        splitting: position.split === true,
        final,
      },
      (text, start, part) => {
        records += 1;
        const severity = guessSeverity(text);
        const attributes: Record<string, string> = {
          'log.file.name': name,
          'log.file.path': path,
          'log.record.uid': `${position.id}-${(position.offset + start).toString(36)}`,
        };
        if (part) attributes['sextant.log.split'] = part;
        const record: LogRecord = {
          timestamp: lineTime(text) ?? observedTimestamp,
          observedTimestamp,
          body: text,
          attributes,
          // Nothing traces the agent; this spares two look-ups of the active context per line.
          context: ROOT_CONTEXT,
        };
        if (severity) {
          record.severityNumber = severity.number;
          record.severityText = severity.text;
        }
        logger.emit(record);
      },
    );
    const { split: _, ...whole } = position;
    file.position = {
      ...whole,
      offset: position.offset + result.consumed,
      ...(result.splitting ? { split: true as const } : {}),
    };
    return { records, consumed: result.consumed };
  };
}
