import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isBundleName } from '../bundle/bundle-name.ts';
import { type ManifestLine, maxManifestBytes, parseManifest } from '../bundle/manifest.ts';
import type { BundleJob } from '../collector/api/shapes/bundles.ts';
import { syncFolder } from '../durable/atomic-write.ts';
import { SextantError } from '../errors/sextant-error.ts';
import type { ApiClient } from './api-client.ts';

const tagManifest = 'tagmanifest-sha512.txt';
const maxAttempts = 3;

/**
 * Copies a finished bundle from the collector into `folder`, part by part: the manifests say what there is, so no archive
 * from elsewhere is unpacked, and each part's SHA-512 is checked as it is written. The folder gets its name when all of
 * it is on disk. Throws SX_BUNDLE_FAILED.
 */
export async function fetchBundle(
  client: Pick<ApiClient, 'bytes'>,
  job: BundleJob,
  folder: string,
  options: { signal: AbortSignal; onBytes?: (bytes: number) => void },
): Promise<string> {
  if (!isBundleName(job.name)) throw new SextantError('SX_BUNDLE_FAILED', 'the collector names no bundle');
  const path = join(folder, job.name);
  if (existsSync(path)) {
    throw new SextantError('SX_BUNDLE_FAILED', `${path} is there already`, { nextStep: 'choose another --out' });
  }
  const staging = `${path}.partial`;
  const failed = (part: string, cause: unknown): SextantError =>
    new SextantError('SX_BUNDLE_FAILED', `cannot write ${join(staging, part)}: ${(cause as Error).message}`, {
      cause,
      nextStep: `it is whole on the collector: download it in the dashboard, or run there: sextant bundle export ${job.id} --to FOLDER`,
    });

  const copy = async (part: string, sha512?: string, maxBytes = Number.POSITIVE_INFINITY): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        const body = await client.bytes(`bundles/${job.id}/files/${part}`);
        const file = await open(join(staging, part), 'w', 0o600);
        const hash = createHash('sha512');
        let bytes = 0;
        try {
          for await (const chunk of body) {
            options.signal.throwIfAborted();
            bytes += chunk.length;
            if (bytes > maxBytes) throw new Error('longer than this part may be');
            hash.update(chunk);
            await file.appendFile(chunk);
            options.onBytes?.(chunk.length);
          }
          await file.sync();
        } finally {
          await file.close();
        }
        if (sha512 !== undefined && hash.digest('hex') !== sha512) throw new Error('its SHA-512 does not fit');
        return;
      } catch (error) {
        options.signal.throwIfAborted();
        const { code } = error as NodeJS.ErrnoException;
        if (attempt === maxAttempts || code === 'ENOSPC' || code === 'EACCES' || code === 'EROFS') {
          throw error instanceof SextantError ? error : failed(part, error);
        }
      }
    }
  };
  const list = async (part: string): Promise<ManifestLine[]> => {
    const { readBounded } = await import('../bundle/manifest.ts');
    const parsed = parseManifest((await readBounded(join(staging, part), maxManifestBytes)).toString('utf8'));
    if ('fault' in parsed) throw new SextantError('SX_BUNDLE_FAILED', `${part}: ${parsed.fault}`);
    return parsed.lines;
  };

  try {
    await rm(staging, { recursive: true, force: true });
    await mkdir(join(staging, 'data'), { recursive: true, mode: 0o700 }).catch((cause) => {
      throw failed('', cause);
    });
    await copy(tagManifest, undefined, maxManifestBytes);
    await copy(`${tagManifest}.minisig`, undefined, 64 * 1024);
    for (const line of await list(tagManifest)) await copy(line.path, line.sha512);
    for (const line of await list('manifest-sha512.txt')) {
      await mkdir(dirname(join(staging, line.path)), { recursive: true });
      await copy(line.path, line.sha512);
    }
    syncFolder(join(staging, 'data'));
    syncFolder(staging);
    await rename(staging, path);
    syncFolder(folder);
    return path;
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}
