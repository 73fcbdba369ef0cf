import { open, readdir, rename } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { syncFolder, writeFileAtomic } from '../durable/atomic-write.ts';
import type { Findings } from './analysis/finding.ts';
import type { Coverage } from './coverage.ts';
import { coverageSchemaText } from './coverage-schema.ts';
import { findingsSchemaText } from './findings-schema.ts';
import { formatManifest, hashFile, type ManifestLine } from './manifest.ts';
import { signMinisign } from './minisign.ts';
import { keyIdText, type MinisignSecretKey } from './minisign-key.ts';
import { partsFolder } from './parts-folder.ts';
import { formatReadme } from './readme.ts';

const bagItText = 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n';
export const signingKeyLabel = 'Sextant-Signing-Key';

function bagInfo(coverage: Coverage, oxum: { bytes: number; files: number }, publicKeyLine: string): string {
  const { bundle } = coverage;
  // A label's value is one line; the site's name is the only one that a person wrote.
  const line = (text: string): string => text.replace(/[\r\n]+/g, ' ');
  return [
    `Source-Organization: ${line(bundle.site)}`,
    `External-Identifier: ${bundle.name}`,
    `Bagging-Date: ${bundle.finishedAt.slice(0, 10)}`,
    `Payload-Oxum: ${oxum.bytes}.${oxum.files}`,
    'Bag-Software-Agent: Sextant',
    `Sextant-Window: ${bundle.from}/${bundle.until}`,
    `Sextant-State: ${bundle.state}`,
    `Sextant-Redaction: ${bundle.redaction}`,
    `${signingKeyLabel}: ${publicKeyLine}`,
    '',
  ].join('\n');
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export interface SealInput {
  /** `<name>.partial`, with the finished volumes in `data/`. */
  stagingFolder: string;
  coverage: Coverage;
  /** What the analyzers found, as it may lie in the clear. */
  findings?: Findings | undefined;
  /** The whole index.html. */
  report: string;
  key: MinisignSecretKey;
  signal?: AbortSignal;
}

/**
 * Turns a staging folder into a bundle: hashes the payload, writes the descriptions, the manifests and the signature,
 * syncs, and gives the folder its final name last. Until then nothing calls itself a bundle.
 * Returns the bundle's path and its size on disk.
 */
export async function sealBundle(input: SealInput): Promise<{ path: string; bytes: number }> {
  const { stagingFolder: folder, coverage, key } = input;
  const payload: ManifestLine[] = [];
  let payloadBytes = 0;
  const data = join(folder, 'data');
  const found = await readdir(data, { recursive: true, withFileTypes: true });
  const names = found.flatMap((entry) => (entry.isFile() ? relative(data, join(entry.parentPath, entry.name)) : []));
  for (const name of names.map((path) => path.replaceAll('\\', '/')).sort()) {
    // The descriptions of a merged bundle's parts lie in the clear, as its own do.
    const mustBeSealed = coverage.bundle.recipients > 0 && !name.startsWith(`${partsFolder}/`);
    if (mustBeSealed && !name.endsWith('.age')) throw new Error(`BUG: ${name} is not encrypted`);
    const path = join(folder, 'data', name);
    await syncFile(path);
    const { sha512, bytes } = await hashFile(path, input.signal);
    payload.push({ sha512, path: `data/${name}` });
    payloadBytes += bytes;
  }
  const publicKeyLine = key.publicKey.line;
  const isMixed = coverage.bundle.recipients === 0 && names.some((name) => name.endsWith('.age'));
  const tagFiles: Record<string, string> = {
    'bagit.txt': bagItText,
    'bag-info.txt': bagInfo(coverage, { bytes: payloadBytes, files: payload.length }, publicKeyLine),
    'coverage.json': `${JSON.stringify(coverage, null, 2)}\n`,
    'coverage.schema.json': coverageSchemaText(),
    'README.txt': formatReadme(coverage, { publicKeyLine, keyId: keyIdText(key.keyId), isMixed }),
    'index.html': input.report,
    ...(input.findings && {
      'findings.json': `${JSON.stringify(input.findings, null, 2)}\n`,
      'findings.schema.json': findingsSchemaText(),
    }),
    'manifest-sha512.txt': formatManifest(payload),
  };
  const tagLines: ManifestLine[] = [];
  let tagBytes = 0;
  for (const [name, text] of Object.entries(tagFiles)) {
    const path = join(folder, name);
    writeFileAtomic(path, text);
    const { sha512, bytes } = await hashFile(path);
    tagLines.push({ sha512, path: name });
    tagBytes += bytes;
  }
  const tagManifest = formatManifest(tagLines);
  const trustedComment = `bundle ${coverage.bundle.id} site ${coverage.bundle.site.replace(/[\r\n]+/g, ' ')} time ${coverage.bundle.finishedAt}`;
  const signature = signMinisign(Buffer.from(tagManifest), key, trustedComment);
  writeFileAtomic(join(folder, 'tagmanifest-sha512.txt'), tagManifest);
  writeFileAtomic(join(folder, 'tagmanifest-sha512.txt.minisig'), signature);
  for (const entry of found) if (entry.isDirectory()) syncFolder(join(entry.parentPath, entry.name));
  syncFolder(data);
  syncFolder(folder);
  input.signal?.throwIfAborted();
  const path = folder.replace(/\.partial$/, '');
  await rename(folder, path);
  syncFolder(dirname(path));
  return { path, bytes: payloadBytes + tagBytes + tagManifest.length + signature.length };
}
