const chunkChars = 128 * 1024;

/** Rows as JSON lines, in chunks that are worth a write each. */
export async function* ndjson<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  change: (row: Row) => unknown,
): AsyncGenerator<Buffer> {
  let text = '';
  for await (const row of rows) {
    text += `${JSON.stringify(change(row))}\n`;
    if (text.length >= chunkChars) {
      yield Buffer.from(text);
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text);
}
