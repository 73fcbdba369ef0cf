import { open } from 'node:fs/promises';
import { fingerprint } from './head.ts';
import type { FileIdentity } from './identity.ts';
import type { FilePosition } from './position.ts';
import { encodingOf, markBytes, type TextEncoding } from './text-encoding.ts';

/** What is read of a big log that was there before the agent: enough for the last hours of most logs. */
const historyBytes = 1024 * 1024;

/**
 * Where to begin with a file that has no position yet.
 *
 * From its beginning, unless a profile (not the operator) named it, it was there before the agent first ran here, and
 * it is over 1 MiB: then with the line that follows the last MiB's beginning.
 */
export async function startPosition(options: {
  path: string;
  identity: FileIdentity;
  namedByOperator: boolean;
  /** When the agent ran on this machine for the first time. */
  firstStartUnixMs: number;
  /** As configured. */
  encoding: TextEncoding | undefined;
}): Promise<FilePosition> {
  const { identity, path } = options;
  const existedBefore = identity.birthUnixMs > 0 && identity.birthUnixMs < options.firstStartUnixMs;
  const skip = !options.namedByOperator && existedBefore && identity.size > historyBytes;
  const { unitBytes } = encodingOf(identity.head, options.encoding);
  return {
    dev: identity.dev,
    ino: identity.ino,
    generation: 0,
    id: '',
    fingerprint: fingerprint(identity.head),
    headBytes: identity.head.length,
    offset: skip ? await nextLine(path, identity.size - historyBytes, unitBytes) : markBytes(identity.head),
    path,
  };
}

/** First line that begins behind `from`; `from` itself when no line ends within 64 KiB. */
async function nextLine(path: string, from: number, unitBytes: 1 | 2): Promise<number> {
  const aligned = from - (from % unitBytes);
  const handle = await open(path, 'r').catch(() => undefined);
  if (!handle) return aligned;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, aligned);
    for (let at = 0; at + unitBytes <= bytesRead; at += unitBytes) {
      const isNewline = unitBytes === 1 ? buffer[at] === 10 : (buffer[at] ?? 0) + (buffer[at + 1] ?? 0) === 10;
      if (isNewline) return aligned + at + unitBytes;
    }
    return aligned;
  } finally {
    await handle.close();
  }
}

/** True when a marked position belongs to this very content. */
export function continues(position: FilePosition, identity: FileIdentity): boolean {
  return (
    identity.size >= position.offset &&
    identity.head.length >= position.headBytes &&
    fingerprint(identity.head.subarray(0, position.headBytes)) === position.fingerprint
  );
}
