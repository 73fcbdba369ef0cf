import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

export interface RotatingFile {
  /** Appends; never throws, since a full disk must not end the program that is being logged. */
  write(text: string): void;
  close(): void;
}

/**
 * A log file that never grows past `maxBytes`: then `x.log` becomes `x.log.1`, `x.log.1` becomes `x.log.2`, and so on
 * up to `keep`, where the oldest goes. Mode 0600.
 */
export function openRotatingFile(path: string, options: { maxBytes: number; keep: number }): RotatingFile {
  let fd = openSync(path, 'a', 0o600);
  let size = fstatSync(fd).size;

  function rotate(): void {
    closeSync(fd);
    for (let generation = options.keep; generation > 0; generation--) {
      const older = generation === 1 ? path : `${path}.${generation - 1}`;
      if (existsSync(older)) renameSync(older, `${path}.${generation}`);
    }
    fd = openSync(path, 'a', 0o600);
    size = 0;
  }

  return {
    write(text) {
      const bytes = Buffer.from(text);
      try {
        if (size > 0 && size + bytes.length > options.maxBytes) rotate();
        writeSync(fd, bytes);
        size += bytes.length;
      } catch {
        // What could not be kept was at least offered to the terminal.
      }
    },
    close() {
      closeSync(fd);
    },
  };
}
