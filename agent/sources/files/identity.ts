import { constants } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { openTrusted } from '../../open-trusted.ts';
import { readHead } from './head.ts';

/** Without O_NONBLOCK a named pipe in the place of a log would hold one of libuv's threads for ever. */
export const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/**
 * Who a file is, whatever it is called. It is still open: who follows it takes the handle over, so that it can be read
 * whatever becomes of its name meanwhile; disposing closes what was not taken.
 */
export interface FileIdentity extends AsyncDisposable {
  /** Filesystem, as it is remembered in positions. */
  dev: string;
  ino: string;
  size: number;
  /** 0 where the filesystem does not keep it. */
  birthUnixMs: number;
  modifiedUnixMs: number;
  head: Buffer;
  /** The open file, which is the caller's to close then; undefined the second time. */
  takeHandle(): FileHandle | undefined;
}

export type FilesystemId = (dev: bigint) => string;

/** Opens and identifies; undefined when there is no regular file, `'unreadable'` when it may not be read. */
export async function identify(
  path: string,
  filesystemId: FilesystemId,
): Promise<FileIdentity | 'unreadable' | undefined> {
  let handle: FileHandle | undefined;
  const takeHandle = (): FileHandle | undefined => {
    const taken = handle;
    handle = undefined;
    return taken;
  };
  try {
    handle = await openTrusted(path, openFlags);
    const found = await handle.stat({ bigint: true });
    if (!found.isFile()) {
      await takeHandle()?.close();
      return undefined;
    }
    const head = await readHead(handle);
    // Between the two it may have been truncated: then the size was the old content's and the head is the new one's.
    const { size } = await handle.stat();
    return {
      dev: filesystemId(found.dev),
      ino: String(found.ino),
      size: Math.min(Number(found.size), size),
      birthUnixMs: Number(found.birthtimeNs) / 1e6,
      modifiedUnixMs: Number(found.mtimeMs),
      head,
      takeHandle,
      [Symbol.asyncDispose]: async () => takeHandle()?.close(),
    };
  } catch (error) {
    await takeHandle()?.close();
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
}

/** Device and inode behind a path now, without opening it. */
export async function inodeOf(
  path: string,
  filesystemId: FilesystemId,
): Promise<{ dev: string; ino: string } | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    return { dev: filesystemId(found.dev), ino: String(found.ino) };
  } catch {
    return undefined;
  }
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
