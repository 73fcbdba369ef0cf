import { lstat, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { SextantError } from '../errors/sextant-error.ts';
import { headerEnd, maxHeaderBytes, parseHeader } from './age/header.ts';
import type { AgeIdentity } from './age/key.ts';
import { type Coverage, parseCoverage } from './coverage.ts';
import { createEntryBounds, pathFault } from './entry-bounds.ts';
import { listFiles } from './list-files.ts';
import { hashFile, type ManifestLine, maxManifestBytes, openRegular, parseManifest, readBounded } from './manifest.ts';
import { verifyMinisign } from './minisign.ts';
import { keyIdText, type MinisignPublicKey, parsePublicKey } from './minisign-key.ts';
import { testVolume } from './open-volume.ts';
import { withPlainVolume } from './plain-volume.ts';
import { signingKeyLabel } from './seal.ts';
import { verifyParts } from './verify-parts.ts';
import { parseVolumeName, type VolumeName } from './volume-name.ts';

/** One checked part of a bundle. */
interface VerifiedPart {
  part: string;
  ok: boolean;
  detail: string;
}

/** A listed volume, wherever of the folders it lies. */
export interface VerifiedVolume extends VolumeName {
  /** `data/…`. */
  part: string;
  file: string;
  ok: boolean;
}

export interface VerifyReport {
  path: string;
  ok: boolean;
  /** Whether everything but volumes is sound: then volumes that are can be trusted, although others are not. */
  framed: boolean;
  /** By base and number. */
  volumes: VerifiedVolume[];
  /** What the volumes that were looked into hold, inflated. */
  inflatedBytes: number;
  parts: VerifiedPart[];
  /** `pinned`: compared with a key that the reader brought; `self-declared`: with the one in the bundle, which proves no origin. */
  trust: 'pinned' | 'self-declared';
  keyId: string | null;
  trustedComment: string | null;
  /** Only from a bundle whose signature and descriptions hold. */
  coverage: Coverage | null;
}

export interface VerifyOptions {
  /** Keys that sites handed over another way; the bundle must be signed with one of them. */
  keys?: readonly MinisignPublicKey[];
  /** What opens encrypted volumes, so that they are looked into as well. */
  identities?: readonly AgeIdentity[];
  /** Folders of the same bundle on other media: each holds all descriptions and some volumes. */
  alsoIn?: readonly string[];
  /** Called with each part as it is checked. */
  onPart?: (part: VerifiedPart) => void;
  signal?: AbortSignal;
}

const tagManifestName = 'tagmanifest-sha512.txt';
const signatureName = `${tagManifestName}.minisig`;
const manifestName = 'manifest-sha512.txt';
const requiredTagFiles = ['README.txt', 'bag-info.txt', 'bagit.txt', 'coverage.json', 'index.html', manifestName];
const maxTagBytes = 64 * 2 ** 20;

const message = (error: unknown): string => {
  const { code, message: text } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'missing';
  if (code === 'ELOOP') return 'is a symbolic link';
  return text;
};

/**
 * Checks a bundle in the order of trust: the signature over the tag manifest, then what the tag manifest lists, then
 * the payload, then that each volume inflates; and that nothing is there that is not listed. The bundle is hostile
 * input: nothing is parsed beyond bounds, no link is followed, no path leaves the folder. Memory does not grow with size.
 * Never throws for a bad bundle.
 */
export async function verifyBundle(path: string, options: VerifyOptions = {}): Promise<VerifyReport> {
  const parts: VerifiedPart[] = [];
  const report = (part: string, ok: boolean, detail: string): boolean => {
    const checked = { part, ok, detail };
    parts.push(checked);
    options.onPart?.(checked);
    return ok;
  };
  const result: VerifyReport = {
    path,
    ok: false,
    framed: false,
    volumes: [],
    inflatedBytes: 0,
    parts,
    trust: options.keys ? 'pinned' : 'self-declared',
    keyId: null,
    trustedComment: null,
    coverage: null,
  };
  /** Where a file lies that is not in `path`. */
  const elsewhere = new Map<string, string>();
  const placeOf = (relative: string): string => join(elsewhere.get(relative) ?? path, relative);
  const checkFile = async (line: ManifestLine, name = line.path, file = placeOf(line.path)): Promise<boolean> => {
    try {
      const { sha512, bytes } = await hashFile(file, options.signal);
      return report(
        name,
        sha512 === line.sha512,
        sha512 === line.sha512 ? `${bytes} bytes` : 'changed: SHA-512 differs',
      );
    } catch (error) {
      options.signal?.throwIfAborted();
      return report(name, false, message(error));
    }
  };

  let present: Set<string>;
  try {
    if (!(await lstat(path)).isDirectory()) throw new Error('not a folder');
    const listed = await listFiles(path);
    present = listed.files;
    for (const fault of listed.faults) report(fault.part, false, fault.detail);
  } catch (error) {
    report(basename(path), false, message(error));
    return result;
  }
  /** Files of the other folders that are there more than once: each copy must be the same. */
  const copies: { folder: string; path: string }[] = [];
  for (const folder of options.alsoIn ?? []) {
    try {
      const listed = await listFiles(folder);
      for (const fault of listed.faults) report(join(folder, fault.part), false, fault.detail);
      for (const file of listed.files) {
        if (present.has(file)) copies.push({ folder, path: file });
        else elsewhere.set(file, folder);
        present.add(file);
      }
    } catch (error) {
      report(folder, false, message(error));
    }
  }
  if (basename(path).endsWith('.partial')) report(basename(path), false, 'unfinished: its writer did not complete it');

  // 1. Who vouches for the list of lists.
  let tagManifest: Buffer;
  try {
    tagManifest = await readBounded(join(path, tagManifestName), maxManifestBytes);
  } catch (error) {
    report(tagManifestName, false, message(error));
    return result;
  }
  try {
    const signature = await readBounded(join(path, signatureName), 64 * 1024);
    const keys = options.keys ?? [await declaredKey(path)];
    const tried = keys.map((key) => ({ key, check: verifyMinisign(tagManifest, signature.toString('utf8'), key) }));
    const { key, check } = tried.find((one) => one.check.ok) ?? (tried[0] as (typeof tried)[0]);
    result.keyId = keyIdText(key.keyId);
    result.trustedComment = check.trustedComment ?? null;
    const trust = options.keys ? 'pinned key' : 'self-declared: compare the key with the site’s own';
    report(signatureName, check.ok, check.ok ? `${check.detail} (${trust})` : check.detail);
  } catch (error) {
    report(signatureName, false, message(error));
  }

  // 2. The descriptions.
  const listedTags = parseManifest(tagManifest.toString('utf8'));
  if ('fault' in listedTags) {
    report(tagManifestName, false, listedTags.fault);
    return result;
  }
  const tagPaths = new Set(listedTags.lines.map((line) => line.path));
  const unlisted = requiredTagFiles.filter((name) => !tagPaths.has(name));
  const inPayload = listedTags.lines.filter((line) => line.path.includes('/'));
  report(
    tagManifestName,
    unlisted.length === 0 && inPayload.length === 0,
    unlisted.length > 0 ? `does not list ${unlisted.join(', ')}` : `${listedTags.lines.length} descriptions listed`,
  );
  for (const line of listedTags.lines) await checkFile(line);

  // 3. The payload.
  const bounds = createEntryBounds();
  let manifest: Awaited<ReturnType<typeof parseManifest>>;
  try {
    manifest = parseManifest((await readBounded(join(path, manifestName), maxManifestBytes)).toString('utf8'));
  } catch (error) {
    manifest = { fault: message(error) };
  }
  if ('fault' in manifest) {
    // A missing or changed file has been named already; a listed one with a bad line has not.
    report(manifestName, false, manifest.fault);
    return result;
  }
  const payload = manifest.lines;
  for (const line of payload) {
    if (!line.path.startsWith('data/')) {
      report(line.path, false, 'listed in the payload, but not in data/');
      continue;
    }
    const unchanged = await checkFile(line);
    const name = parseVolumeName(line.path.slice('data/'.length));
    if (!name) continue;
    const fault = pathFault(name.base);
    if (fault) report(line.path, false, `its name ${fault}`);
    const volume = { ...name, part: line.path, file: placeOf(line.path), ok: unchanged && !fault };
    result.volumes.push(volume);
    if (volume.ok) volume.ok = await checkVolume(volume);
  }
  result.inflatedBytes = bounds.totalBytes;
  result.volumes.sort((a, b) => (a.base === b.base ? a.number - b.number : a.base < b.base ? -1 : 1));
  await checkOxum();

  for (const copy of copies) {
    const listed = [...listedTags.lines, ...payload].find((line) => line.path === copy.path);
    const line = listed ?? { path: copy.path, sha512: (await hashFile(placeOf(copy.path))).sha512 };
    const file = join(copy.folder, copy.path);
    await checkFile(line, file, file);
  }

  await verifyParts(path, new Map(payload.map((line) => [line.path, line.sha512])), options.keys, report);

  // 4. What nobody listed.
  const known = new Set([tagManifestName, signatureName, ...tagPaths, ...payload.map((line) => line.path)]);
  for (const extra of [...present].filter((name) => !known.has(name)).sort())
    report(extra, false, 'extra: no manifest lists it');

  result.ok = parts.every((part) => part.ok);
  result.framed = parts.every((part) => part.ok || part.part.startsWith('data/'));
  if (result.framed)
    result.coverage =
      parseCoverage((await readBounded(join(path, 'coverage.json'), maxTagBytes)).toString('utf8')) ?? null;
  return result;

  async function checkVolume(volume: VerifiedVolume): Promise<boolean> {
    const { part, file, base, encrypted } = volume;
    const test = async (plain: string): Promise<string> => {
      const { entries, bytes } = await testVolume(plain, { bounds, base, signal: options.signal });
      return `${entries} entries, ${bytes} bytes, every CRC fits`;
    };
    const inside = encrypted ? 'age' : 'zip';
    try {
      if (!encrypted) return report(`${part} (${inside})`, true, await test(file));
      const recipients = await countRecipients(file);
      const { identities } = options;
      const detail = identities
        ? await inScratch((scratch) => withPlainVolume(file, { identities, scratch, signal: options.signal }, test))
        : 'what is inside needs one of their keys';
      return report(`${part} (${inside})`, true, `encrypted to ${recipients} recipients; ${detail}`);
    } catch (error) {
      options.signal?.throwIfAborted();
      // That this machine's disk is full says nothing of the bundle.
      if (error instanceof SextantError && error.code === 'SX_DISK_FULL') throw error;
      return report(`${part} (${inside})`, false, message(error));
    }
  }

  async function checkOxum(): Promise<void> {
    try {
      const info = (await readBounded(join(path, 'bag-info.txt'), 64 * 1024)).toString('utf8');
      const declared = /^Payload-Oxum: (\d+)\.(\d+)$/m.exec(info);
      let bytes = 0;
      for (const line of payload) bytes += (await lstat(placeOf(line.path))).size;
      const fits = Number(declared?.[1]) === bytes && Number(declared?.[2]) === payload.length;
      if (!fits) report('bag-info.txt', false, `Payload-Oxum does not fit: ${bytes}.${payload.length} found`);
    } catch {
      // A missing file has been named where it was looked for.
    }
  }
}

/** The key that the bundle itself names. */
async function declaredKey(path: string): Promise<MinisignPublicKey> {
  const info = (await readBounded(join(path, 'bag-info.txt'), 64 * 1024)).toString('utf8');
  const line = new RegExp(`^${signingKeyLabel}: (\\S+)$`, 'm').exec(info)?.[1];
  if (!line) throw new Error('bag-info.txt names no signing key');
  return parsePublicKey(line);
}

async function countRecipients(path: string): Promise<number> {
  const head = Buffer.alloc(maxHeaderBytes);
  const { file } = await openRegular(path);
  const { bytesRead } = await file.read(head, 0, head.length, 0).finally(() => file.close());
  const end = headerEnd(head.subarray(0, bytesRead));
  if (end === undefined) throw new Error('its age header has no end');
  return parseHeader(head.subarray(0, end)).stanzas.length;
}

async function inScratch<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sextant-'));
  return use(folder).finally(() => rm(folder, { recursive: true, force: true }));
}
