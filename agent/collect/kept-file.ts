import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listRing, ringPath } from '../ring/ring-file.ts';
import { decodeSegmentLabel, parseSegmentName, segmentLabelReach } from '../spool/segment.ts';
import { type SegmentFrame, type SegmentReading, segmentFrames } from '../spool/segment-frames.ts';
import { readAt } from '../spool/segment-scan.ts';

/** A segment file of this node, in the spool or in the ring. */
export interface KeptFile {
  key: string;
  stream: string;
  thin: boolean;
  /** Where it is, or will be when the agent that runs beside us moves it. */
  paths: string[];
}

/** What a pass over such files has seen. */
export interface KeptReading extends SegmentReading {
  /** Files that could not be read, or not to their end, each with why. */
  unreadable: string[];
}

/**
 * All segment files of a node's data folder, oldest first, each once: the ring's, and the spool's with what waits for the
 * collector and what it has acknowledged lately. The agent may run meanwhile, or be dead.
 */
export async function listKept(agentFolder: string): Promise<KeptFile[]> {
  const spool = join(agentFolder, 'spool');
  const ring = join(agentFolder, 'ring');
  const found = new Map<string, KeptFile>();
  // The spool first: what moves to the ring meanwhile is then seen twice rather than never, and has one key.
  for (const name of await readdir(spool).catch(() => [])) {
    const named = parseSegmentName(name);
    if (!named) continue;
    const path = join(spool, name);
    const label = await readLabel(path);
    const kept = { ...named, createdUnixMs: label?.createdUnixMs ?? 0 };
    const whole = ringPath(ring, kept, false);
    const paths = [path, whole.path, ringPath(ring, kept, true).path];
    found.set(whole.key, { key: whole.key, stream: named.stream, thin: false, paths });
  }
  for (const { key, stream, thin, path } of await listRing(ring)) {
    const paths = thin ? [path] : [path, path.replace(/\.whole$/, '.thin')];
    if (!found.has(key)) found.set(key, { key, stream, thin, paths });
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function readLabel(path: string): Promise<{ createdUnixMs: number } | undefined> {
  // What is no file is told when its batches are asked for; a pipe would be waited for.
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const file = isFile ? await open(path, 'r').catch(() => undefined) : undefined;
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    return decodeSegmentLabel(await readAt(file, 0, Math.min(size, segmentLabelReach)))?.label;
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}

/** The file's batches, wherever it is by now; none when the ring has dropped it meanwhile. */
export async function* keptFrames(
  { paths }: KeptFile,
  reading?: KeptReading,
  range?: { from: number; through: number },
): AsyncGenerator<SegmentFrame> {
  for (const path of paths) {
    try {
      if ((await stat(path)).isFile()) yield* segmentFrames(path, reading, range);
      else reading?.unreadable.push(`${basename(path)} (no file)`);
      return;
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      // Another user's file, a bad sector: it costs this file and no other.
      if (!reading || syscall === undefined) throw error;
      reading.unreadable.push(`${basename(path)} (${code})`);
      return;
    }
  }
}
