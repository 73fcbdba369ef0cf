import { open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { verifyBundle } from '../../bundle/verify.ts';

/** What a kill met, by what it left. */
export const stages = ['nothing written', 'volumes', 'encryption', 'sealing', 'sealed'] as const;
export type Stage = (typeof stages)[number];

export const noStages = (): Record<Stage, number> => ({
  ...{ 'nothing written': 0, volumes: 0, encryption: 0, sealing: 0, sealed: 0 },
});

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** `known`: bundles that were whole before. */
export async function stageOf(bundles: string, known: ReadonlySet<string>): Promise<Stage> {
  const names = await namesIn(bundles);
  const partial = names.find((name) => name.endsWith('.partial'));
  if (partial === undefined) return names.some((name) => !known.has(name)) ? 'sealed' : 'nothing written';
  const files = await readdir(join(bundles, partial), { recursive: true });
  if (files.includes('bagit.txt')) return 'sealing';
  return files.some((name) => name.endsWith('.age')) ? 'encryption' : 'volumes';
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PK\x03\x04';
  } finally {
    await file.close();
  }
}

/**
 * Every folder whose name says that it is whole verifies, and holds ciphertext alone. Those known from before are taken away:
 * a start has seen them by then. Returns how many were looked at.
 */
export async function checkWhole(bundles: string, known: Set<string>): Promise<number> {
  const whole = (await namesIn(bundles)).filter((name) => !name.endsWith('.partial'));
  for (const name of whole) {
    const { ok, parts } = await verifyBundle(join(bundles, name));
    const broken = parts.filter((part) => !part.ok);
    expect({ name, ok, broken }).toEqual({ name, ok: true, broken: [] });
    const volumes = await readdir(join(bundles, name, 'data'));
    expect(volumes.length).toBeGreaterThan(0);
    expect(volumes.filter((file) => !file.endsWith('.age'))).toEqual([]);
    if (known.has(name)) await rm(join(bundles, name), { recursive: true });
    known.add(name);
  }
  return whole.length;
}

/** Files below the folder that are volumes in the clear, whatever they are called. */
export async function clearVolumes(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const clear: string[] = [];
  for (const file of files) if (await isZip(file)) clear.push(file);
  return clear;
}

/** Marks what a kill left, and returns the marks: the next start has to take them away, and may use the same names again. */
export async function markLeftovers(bundles: string): Promise<string[]> {
  const partial = (await namesIn(bundles)).filter((name) => name.endsWith('.partial'));
  const marks = partial.map((name) => join(bundles, name, 'left-behind'));
  for (const mark of marks) await writeFile(mark, '');
  return marks;
}
