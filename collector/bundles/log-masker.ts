import { createPemState, type PemState } from '../../bundle/mask-pem.ts';
import type { Masker, MaskTally } from '../../bundle/masker.ts';
import type { LogRow } from '../api/shapes.ts';

/**
 * Masks stored log records. A private key that was logged line by line is spread over records, so the lines of each
 * file are followed; a record inside a key keeps its place, and its body is a mark.
 */
export function createLogMasker(masker: Masker, tally: MaskTally): (row: LogRow) => LogRow {
  const open = new Map<string, PemState>();

  const body = (text: string, stream: string): string => {
    const pem = open.get(stream);
    if (pem) {
      const taken = pem.take(`${text}\n`);
      if (taken === undefined || !pem.open) open.delete(stream);
      if (taken !== undefined) return taken === '' ? '[masked:private-key]' : taken.trimEnd();
      tally['private-key'] = (tally['private-key'] ?? 0) + 1;
    }
    if (text.includes('PRIVATE KEY') && !text.includes('\n')) {
      const begun = createPemState(masker, tally);
      if (begun.begins(text)) {
        open.set(stream, begun);
        return begun.begin(text).trimEnd();
      }
    }
    return masker.text(text, tally);
  };

  return (row) => ({
    ...row,
    body: body(row.body, row.attributes['log.file.path'] ?? row.attributes['otel.scope.name'] ?? ''),
    attributes: masker.document(row.attributes, tally),
  });
}
