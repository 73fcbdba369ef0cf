import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { hashFile } from '../../bundle/manifest.ts';
import { ageMagic, rawBase } from '../../bundle/raw-volume.ts';
import { nodeBase } from '../../bundle/volume-name.ts';
import { freeBytes } from '../../durable/free-space.ts';
import { SextantError } from '../../errors/sextant-error.ts';

/** What a node says of the volume it uploads; all of it untrusted. */
export interface VolumeClaim {
  node: string;
  name: string;
  sha512: string;
  bytes: number;
}

interface VolumeState {
  /** Bytes that are here. */
  offset: number;
  /** All of it, and its checksum fits. */
  complete: boolean;
}

/**
 * Takes the nodes' volumes for one bundle: resumable, one writer per volume, checked by SHA-512 at the end. A volume's
 * name in the bundle comes from the node's proven name, whatever the node calls it.
 */
export interface IncomingVolumes {
  state(claim: VolumeClaim): Promise<VolumeState>;
  /** Appends a body that begins at `offset`. Throws SX_CONFLICT when that is not where the copy ends. */
  append(claim: VolumeClaim, offset: number, body: Readable): Promise<VolumeState>;
  isComplete(node: string, volumes: { name: string; bytes: number; sha512: string }[]): boolean;
  /** Moves what is complete into the bundle, and returns it per node; unfinished copies are removed. */
  settle(dataFolder: string): Promise<Map<string, { name: string; bytes: number }[]>>;
}

const volumeNamePattern = /^[A-Za-z0-9._~-]{1,100}\.v(\d{3})\.zip$/;
const rawNamePattern = /^raw\.v(\d{3})\.zip\.age$/;
const maxVolumeBytes = 2 * 2 ** 30;
const maxVolumesPerNode = 200;

export function createIncomingVolumes(
  folder: string,
  limits: {
    minFreeBytes: number;
    /** What the volumes of a node are called in the bundle; its name when absent. */
    nameOf?: (node: string) => string;
    /** Raw volumes were asked for; else they are refused. */
    raw?: boolean;
  },
): IncomingVolumes {
  /** Node and number → what has been checked. */
  const complete = new Map<string, { node: string; name: string; path: string; bytes: number; sha512: string }>();
  const writing = new Set<string>();
  let settledAlready = false;

  /** Which of a node's volumes it is: `001`, `raw/001`; undefined for what no volume is called. */
  const numberOf = (name: string): string | undefined => {
    const raw = limits.raw ? rawNamePattern.exec(name)?.[1] : undefined;
    return raw === undefined ? volumeNamePattern.exec(name)?.[1] : `${rawBase}/${raw}`;
  };
  const place = (claim: VolumeClaim): { key: string; path: string; name: string } => {
    const number = numberOf(claim.name);
    const count = Number(number?.slice(-3));
    if (!number || count === 0 || count > maxVolumesPerNode) {
      throw new SextantError('SX_BAD_REQUEST', `${claim.name.slice(0, 120)} is not a volume’s name`);
    }
    if (!/^[0-9a-f]{128}$/.test(claim.sha512)) throw new SextantError('SX_BAD_REQUEST', 'the SHA-512 is missing');
    if (!Number.isSafeInteger(claim.bytes) || claim.bytes < 22 || claim.bytes > maxVolumeBytes) {
      throw new SextantError('SX_TOO_LARGE', `a volume has up to ${maxVolumeBytes} bytes`);
    }
    const called = nodeBase(limits.nameOf?.(claim.node) ?? claim.node);
    const isRaw = number.startsWith(`${rawBase}/`);
    // Raw volumes get their number at the end: those of all nodes are counted together.
    const name = isRaw ? `_${rawBase}-${called}.v${number.slice(-3)}.zip.age` : `${called}.v${number}.zip`;
    return { key: `${claim.node}/${number}`, name, path: join(folder, `${name}.${claim.sha512.slice(0, 32)}`) };
  };
  const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;
  const isHere = (key: string, claim: VolumeClaim): boolean => complete.get(key)?.sha512 === claim.sha512;

  return {
    state: async (claim) => {
      const { key, path } = place(claim);
      if (isHere(key, claim)) return { offset: claim.bytes, complete: true };
      return { offset: Math.min(await sizeOf(path), claim.bytes), complete: false };
    },
    append: async (claim, offset, body) => {
      const { key, path, name } = place(claim);
      if (isHere(key, claim)) return { offset: claim.bytes, complete: true };
      if (settledAlready) throw new SextantError('SX_NOT_FOUND', 'this bundle takes no more volumes');
      if (writing.has(key))
        throw new SextantError('SX_CONFLICT', 'this volume is being uploaded on another connection');
      writing.add(key);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        if ((await freeBytes(folder)) - limits.minFreeBytes < claim.bytes - offset) {
          throw new SextantError('SX_DISK_FULL', 'the collector has no room for this volume');
        }
        const size = await sizeOf(path);
        if (offset !== size) throw new SextantError('SX_CONFLICT', `the copy has ${size} bytes, not ${offset}`);
        const file = await open(path, 'a', 0o600);
        let at = size;
        try {
          for await (const chunk of body) {
            if (at + chunk.length > claim.bytes)
              throw new SextantError('SX_TOO_LARGE', 'more bytes than were announced');
            await file.appendFile(chunk);
            at += chunk.length;
          }
          await file.sync();
        } finally {
          await file.close();
        }
        if (at < claim.bytes) return { offset: at, complete: false };
        if ((await hashFile(path)).sha512 !== claim.sha512) {
          await rm(path, { force: true });
          throw new SextantError('SX_CHECKSUM', `${claim.name} does not have the SHA-512 that was announced`);
        }
        if (name.endsWith('.age') && !(await beginsAs(path, ageMagic))) {
          await rm(path, { force: true });
          throw new SextantError('SX_BAD_REQUEST', `${claim.name} is not encrypted with age`);
        }
        complete.set(key, { node: claim.node, name, path, bytes: claim.bytes, sha512: claim.sha512 });
        return { offset: at, complete: true };
      } finally {
        writing.delete(key);
      }
    },
    isComplete: (node, volumes) =>
      volumes.every((volume) => {
        const number = numberOf(volume.name);
        return complete.get(`${node}/${number}`)?.sha512 === volume.sha512;
      }),
    settle: async (dataFolder) => {
      settledAlready = true;
      const byNode = new Map<string, { name: string; bytes: number }[]>();
      let rawCount = 0;
      for (const volume of [...complete.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        let { name } = volume;
        if (name.endsWith('.age')) {
          rawCount += 1;
          name = `${rawBase}.v${String(rawCount).padStart(3, '0')}.zip.age`;
        }
        await rename(volume.path, join(dataFolder, name));
        byNode.set(volume.node, [...(byNode.get(volume.node) ?? []), { name, bytes: volume.bytes }]);
      }
      for (const rest of await readdir(folder).catch(() => [])) await rm(join(folder, rest), { force: true });
      await rm(folder, { recursive: true, force: true });
      return byNode;
    },
  };
}

async function beginsAs(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(text.length), 0, text.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === text;
  } finally {
    await file.close();
  }
}
