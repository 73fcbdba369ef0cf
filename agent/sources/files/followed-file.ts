import { type FileHandle, open } from 'node:fs/promises';
import { fingerprint, generationId, headLimit, readHead } from './head.ts';
import { type FilesystemId, openFlags } from './identity.ts';
import { type FilePosition, positionKey } from './position.ts';
import { markBytes } from './text-encoding.ts';

/** What one look at a file found. */
type Look =
  | { kind: 'unchanged'; links: number }
  /** `length` bytes of the buffer hold what comes next; `more` when the file goes on behind them. */
  | { kind: 'data'; length: number; more: boolean }
  /** The content was replaced in place; `unreadBytes` of the old content had been seen but not read. */
  | { kind: 'replaced'; unreadBytes: number }
  /** The path leads to another file by now, or to none. */
  | { kind: 'moved' };

/**
 * One file that is followed, by its inode: it stays the same file when it is renamed. Holds no text; what is not a
 * whole line yet is read again when there is more of it.
 */
export interface FollowedFile {
  readonly key: string;
  /** Where it can be opened now. */
  path: string;
  position: FilePosition;
  /** First bytes of the content, at most 1 KiB; what `position.fingerprint` was made of. */
  head: Buffer;
  /** Its name has gone to another file: finished when it stops growing. */
  rotated: boolean;
  /** 0 where the filesystem does not keep it. */
  readonly birthUnixMs: number;
  lastSize: number;
  lastGrowthMs: number;
  /** Opens it, if its path still leads to it: from then on it can be read to its end whatever becomes of its name. */
  hold(): Promise<void>;
  /** Looks at the file once and reads the next chunk into the buffer. */
  look(buffer: Buffer): Promise<Look>;
  /** Like `look`, and shows what was held back because no line ended in it. */
  lookAgain(buffer: Buffer): Promise<Look>;
  /** Looks only how much there is, so that what goes before it is read can be counted. */
  noteSize(): Promise<void>;
  /** Starts over with new content under the same inode, of which this head is known. */
  restart(head?: Buffer): Promise<void>;
  /** Gives the handle back until the next look. */
  release(): Promise<void>;
  readonly isOpen: boolean;
}

export function createFollowedFile(options: {
  path: string;
  host: string;
  position: FilePosition;
  head: Buffer;
  /** Bytes that there are now. */
  size: number;
  birthUnixMs: number;
  /** The file, where it is open already. */
  handle: FileHandle | undefined;
  filesystemId: FilesystemId;
  nowMs: () => number;
}): FollowedFile {
  const { host, nowMs, filesystemId } = options;
  const { dev, ino } = options.position;
  let { handle } = options;
  let opening: Promise<void> | undefined;
  let lastModifiedMs = 0;
  /** Everything there was at the last look has been handed out. */
  let drained = false;

  const file: FollowedFile = {
    key: positionKey(dev, ino),
    path: options.path,
    position: options.position,
    head: options.head,
    rotated: false,
    birthUnixMs: options.birthUnixMs,
    lastSize: Math.max(options.size, options.position.offset),
    lastGrowthMs: nowMs(),

    get isOpen() {
      return handle !== undefined;
    },

    async hold() {
      opening ??= openIt().finally(() => {
        opening = undefined;
      });
      await opening;
    },

    async look(buffer) {
      await file.hold();
      if (!handle) return { kind: 'moved' };
      const { size, mtimeMs, nlink } = await handle.stat();
      const { offset } = file.position;
      const unreadBytes = Math.max(0, file.lastSize - offset);
      if (size < offset || size < file.head.length) return { kind: 'replaced', unreadBytes };
      if (drained && size === file.lastSize && mtimeMs === lastModifiedMs) {
        return { kind: 'unchanged', links: nlink };
      }
      const { bytesRead } =
        size > offset ? await handle.read(buffer, 0, Math.min(buffer.length, size - offset), offset) : { bytesRead: 0 };
      // The head is looked at after the chunk was read, so that a chunk of replaced content is never taken for more of
      // the old one.
      if (!(await growHead(handle, buffer.subarray(0, bytesRead), offset))) {
        // Nothing of the new content is known yet when nothing of the old one was: then it is just read again.
        return file.head.length === 0 ? { kind: 'data', length: 0, more: true } : { kind: 'replaced', unreadBytes };
      }
      const grew = size !== file.lastSize;
      file.lastSize = size;
      lastModifiedMs = mtimeMs;
      if (grew) file.lastGrowthMs = nowMs();
      drained = offset + bytesRead >= size;
      // A byte order mark has come to light: read again from behind it.
      if (file.position.offset !== offset) return { kind: 'data', length: 0, more: true };
      if (bytesRead === 0) return { kind: 'unchanged', links: nlink };
      return { kind: 'data', length: bytesRead, more: !drained };
    },

    async lookAgain(buffer) {
      drained = false;
      const found = await file.look(buffer);
      if (file.position.id === '') nameGeneration();
      return found;
    },

    async noteSize() {
      if (!handle) return;
      const { size } = await handle.stat();
      if (size <= file.lastSize) return;
      const now = await readHead(handle);
      const isSame = now.length >= file.head.length && now.subarray(0, file.head.length).equals(file.head);
      if (isSame) file.lastSize = size;
    },

    async restart(head = Buffer.alloc(0)) {
      file.head = head;
      file.lastSize = 0;
      drained = false;
      file.position = {
        dev,
        ino,
        generation: file.position.generation + 1,
        id: '',
        fingerprint: head.length > 0 ? fingerprint(head) : '',
        headBytes: head.length,
        offset: markBytes(head),
        path: file.position.path,
      };
      if (handle) await growHead(handle);
    },

    async release() {
      await opening;
      const closing = handle;
      handle = undefined;
      await closing?.close();
    },
  };

  async function openIt(): Promise<void> {
    if (handle) return;
    const opened = await open(file.path, openFlags).catch(() => undefined);
    const found = await opened?.stat({ bigint: true });
    if (found && filesystemId(found.dev) === dev && String(found.ino) === ino) handle = opened;
    else await opened?.close();
  }

  /**
   * Checks the known head, and the chunk where both overlap; takes more of the head in. False when the content is
   * another by now.
   */
  async function growHead(from: FileHandle, chunk: Uint8Array = Buffer.alloc(0), offset = 0): Promise<boolean> {
    const now = await readHead(from);
    if (now.length < file.head.length || now.compare(file.head, 0, file.head.length, 0, file.head.length) !== 0) {
      return false;
    }
    const overlap = Math.min(now.length, offset + chunk.length);
    if (overlap > offset && now.compare(chunk, 0, overlap - offset, offset, overlap) !== 0) return false;
    if (now.length > file.head.length || file.position.fingerprint === '') {
      file.head = now;
      file.position = { ...file.position, headBytes: now.length, fingerprint: fingerprint(now) };
    }
    if (file.position.id === '' && (now.includes(10) || now.length === headLimit)) nameGeneration();
    if (file.position.offset === 0) {
      file.position = { ...file.position, offset: markBytes(now) };
    }
    return true;
  }

  function nameGeneration(): void {
    const { generation } = file.position;
    file.position = { ...file.position, id: generationId(host, dev, ino, generation, file.head) };
  }

  return file;
}
