import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encryptFile } from './age/encrypt-file.ts';
import type { AgeRecipient } from './age/key.ts';

/**
 * Encrypts every volume in `folder` to all recipients, one after the other, and removes each plaintext as soon as its
 * ciphertext is on disk. Without recipients it does nothing. Returns volume name → what it is called now, and its size.
 * When it rejects, the folder may hold plaintext: the caller removes it whole.
 */
export async function encryptPayload(
  folder: string,
  recipients: readonly AgeRecipient[],
  signal?: AbortSignal,
): Promise<Map<string, { name: string; bytes: number }>> {
  const encrypted = new Map<string, { name: string; bytes: number }>();
  if (recipients.length === 0) return encrypted;
  for (const name of (await readdir(folder)).sort()) {
    if (name.endsWith('.age')) continue;
    const { bytes } = await encryptFile(join(folder, name), recipients, signal);
    encrypted.set(name, { name: `${name}.age`, bytes });
  }
  return encrypted;
}
