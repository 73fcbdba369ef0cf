/** Cuts a byte stream into lines and passes over those that are longer than `maxBytes`. */
export function createLineCutter(maxBytes: number) {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let skipping = false;
  let oversized = 0;

  return {
    /** Lines that are complete now. */
    push(chunk: Buffer): string[] {
      const lines: string[] = [];
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        const piece = chunk.subarray(start, end);
        start = end + 1;
        if (skipping || heldBytes + piece.length > maxBytes) {
          oversized += 1;
          skipping = false;
        } else lines.push(heldBytes === 0 ? piece.toString('utf8') : Buffer.concat([...held, piece]).toString('utf8'));
        held = [];
        heldBytes = 0;
      }
      const rest = chunk.subarray(start);
      if (skipping || rest.length === 0) return lines;
      if (heldBytes + rest.length > maxBytes) {
        skipping = true;
        held = [];
        heldBytes = 0;
      } else {
        held.push(rest);
        heldBytes += rest.length;
      }
      return lines;
    },
    /** How many lines were passed over. */
    oversized: () => oversized,
  };
}
