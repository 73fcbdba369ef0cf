const maxLineBytes = 4 * 2 ** 20;
const newline = 10;

/** Cuts pieces into lines; a line may go on in the next piece, and in the next part of a file. */
export interface LineCutter {
  push(piece: Buffer): void;
  /** Ends the file: what is left is a line. */
  end(): void;
}

/** `onLine` gets a line as long as it runs. One beyond 4 MiB is left out, and `onTooLong` told. */
export function createLineCutter(onLine: (line: Buffer) => void, onTooLong: () => void): LineCutter {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let tooLong = false;

  const keep = (rest: Buffer): void => {
    if (rest.length === 0 || tooLong) return;
    heldBytes += rest.length;
    if (heldBytes > maxLineBytes) {
      tooLong = true;
      held = [];
    } else held.push(rest);
  };
  const finish = (): void => {
    if (tooLong) onTooLong();
    else if (heldBytes > 0) {
      const line = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held, heldBytes);
      onLine(line);
    }
    held = [];
    heldBytes = 0;
    tooLong = false;
  };

  return {
    push(piece) {
      let at = 0;
      for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, at)) {
        if (heldBytes === 0 && !tooLong && end - at <= maxLineBytes) {
          if (end > at) onLine(piece.subarray(at, end));
        } else {
          keep(piece.subarray(at, end));
          finish();
        }
        at = end + 1;
      }
      // The piece's memory is not ours to keep.
      keep(Buffer.from(piece.subarray(at)));
    },
    end: finish,
  };
}
