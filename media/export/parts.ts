import { join } from 'node:path';
import {
  hashFile,
  type ManifestLine,
  maxManifestBytes,
  openRegular,
  parseManifest,
  readBounded,
} from '../../bundle/manifest.ts';
import { verifyMinisign } from '../../bundle/minisign.ts';
import { type MinisignPublicKey, parsePublicKey } from '../../bundle/minisign-key.ts';
import { signingKeyLabel } from '../../bundle/seal.ts';
import { SextantError } from '../../errors/sextant-error.ts';

/** One file of a bundle, with what it must be. */
export interface Part extends ManifestLine {
  bytes: number;
}

export interface BundleParts {
  /** The payload: what may be spread over several media. */
  payload: Part[];
  /** Descriptions, manifests and signature: small, and on every medium. The signature comes last. */
  tags: Part[];
  /** What the signature covers; names this very bundle. */
  tagManifest: Buffer;
}

const tagManifestName = 'tagmanifest-sha512.txt';
const signatureName = `${tagManifestName}.minisig`;
const manifestName = 'manifest-sha512.txt';

/**
 * Reads what a bundle consists of, checking signature and descriptions on the way. The payload's bytes are not read:
 * the copy of each part is compared with the manifest that the signature covers. Throws SX_BUNDLE_INVALID.
 */
export async function readParts(folder: string): Promise<BundleParts> {
  try {
    const tagManifest = await readBounded(join(folder, tagManifestName), maxManifestBytes);
    const signature = await readBounded(join(folder, signatureName), 64 * 1024);
    const check = verifyMinisign(tagManifest, signature.toString('utf8'), await declaredKey(folder));
    if (!check.ok) throw new Error(`${signatureName}: ${check.detail}`);
    const tags: Part[] = [];
    for (const line of linesOf(tagManifestName, tagManifest)) {
      if (line.path.includes('/')) throw new Error(`${line.path} is listed among the descriptions`);
      const { sha512, bytes } = await hashFile(join(folder, line.path));
      if (sha512 !== line.sha512) throw new Error(`${line.path} is not what the signature covers`);
      tags.push({ ...line, bytes });
    }
    if (!tags.some((tag) => tag.path === manifestName)) throw new Error(`${tagManifestName} lists no ${manifestName}`);
    for (const path of [tagManifestName, signatureName]) tags.push({ path, ...(await hashFile(join(folder, path))) });
    const payload: Part[] = [];
    for (const line of linesOf(manifestName, await readBounded(join(folder, manifestName), maxManifestBytes))) {
      const { file, bytes } = await openRegular(join(folder, line.path)).catch((cause) => {
        throw new Error(`${line.path}: ${cause.message}`);
      });
      await file.close();
      payload.push({ ...line, bytes });
    }
    return { payload, tags, tagManifest };
  } catch (cause) {
    throw new SextantError('SX_BUNDLE_INVALID', `${folder} is no sound bundle: ${(cause as Error).message}`, { cause });
  }
}

function linesOf(name: string, content: Buffer): ManifestLine[] {
  const parsed = parseManifest(content.toString('utf8'));
  if ('fault' in parsed) throw new Error(`${name}: ${parsed.fault}`);
  return parsed.lines;
}

async function declaredKey(folder: string): Promise<MinisignPublicKey> {
  const info = (await readBounded(join(folder, 'bag-info.txt'), 64 * 1024)).toString('utf8');
  const line = new RegExp(`^${signingKeyLabel}: (\\S+)$`, 'm').exec(info)?.[1];
  if (!line) throw new Error('bag-info.txt names no signing key');
  return parsePublicKey(line);
}
