import { join } from 'node:path';
import { hashFile, maxManifestBytes, parseManifest, readBounded } from './manifest.ts';
import { verifyMinisign } from './minisign.ts';
import { keyIdText, type MinisignPublicKey, parsePublicKey } from './minisign-key.ts';
import { partsFolder } from './parts-folder.ts';
import { signingKeyLabel } from './seal.ts';

/**
 * Checks the parts of a merged bundle: that each one's signature covers its descriptions as they lie here, and that every
 * file which it had signed for is in the merged payload, under whatever name. `payload`: checksum of each listed file.
 */
export async function verifyParts(
  folder: string,
  payload: ReadonlyMap<string, string>,
  keys: readonly MinisignPublicKey[] | undefined,
  report: (part: string, ok: boolean, detail: string) => void,
): Promise<void> {
  const names = new Set([...payload.keys()].flatMap((path) => /^data\/parts\/([^/]+)\//.exec(path)?.[1] ?? []));
  const checksums = new Set(payload.values());
  for (const name of names) {
    const place = `data/${partsFolder}/${name}`;
    try {
      const missing: string[] = [];
      const tags = await readBounded(join(folder, place, 'tagmanifest-sha512.txt'), maxManifestBytes);
      const signature = await readBounded(join(folder, place, 'tagmanifest-sha512.txt.minisig'), 64 * 1024);
      const info = (await readBounded(join(folder, place, 'bag-info.txt'), maxManifestBytes)).toString('utf8');
      const declared = new RegExp(`^${signingKeyLabel}: (\\S+)$`, 'm').exec(info)?.[1] ?? '';
      const tried = [...(keys ?? []), parsePublicKey(declared)].find(
        (key) => verifyMinisign(tags, signature.toString('utf8'), key).ok,
      );
      if (!tried) throw new Error('its signature does not fit');
      for (const { path, sha512 } of linesOf(tags)) {
        const found = await hashFile(join(folder, place, path)).catch(() => undefined);
        if (found?.sha512 !== sha512) missing.push(path);
      }
      for (const { path, sha512 } of linesOf(
        await readBounded(join(folder, place, 'manifest-sha512.txt'), maxManifestBytes),
      )) {
        if (!checksums.has(sha512)) missing.push(path);
      }
      if (missing.length > 0) throw new Error(`changed or missing: ${missing.slice(0, 5).join(', ')}`);
      const isPinned = keys?.includes(tried) ?? false;
      report(
        place,
        true,
        `part signed with key ${keyIdText(tried.keyId)} (${isPinned ? 'pinned key' : 'self-declared'}), all that it signed for is here`,
      );
    } catch (error) {
      report(place, false, (error as Error).message);
    }
  }
}

function linesOf(text: Buffer): { path: string; sha512: string }[] {
  const parsed = parseManifest(text.toString('utf8'));
  if ('fault' in parsed) throw new Error(parsed.fault);
  return parsed.lines;
}
