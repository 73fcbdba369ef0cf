/** Passes content on and tells how much of it has passed. */
export async function* counted(
  content: AsyncIterable<Buffer>,
  onBytes: (more: number) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    onBytes(chunk.length);
    yield chunk;
  }
}
