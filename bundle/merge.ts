import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../durable/make-folder.ts';
import { SextantError } from '../errors/sextant-error.ts';
import { analyzeStaging } from './analysis/analyze-staging.ts';
import { formatBundleName } from './bundle-name.ts';
import type { Coverage } from './coverage.ts';
import { mergeCoverage } from './merge-coverage.ts';
import type { MinisignSecretKey } from './minisign-key.ts';
import { partsFolder } from './parts-folder.ts';
import { renderReport } from './report.ts';
import { sealBundle } from './seal.ts';
import { createStaging } from './staging.ts';
import { type VerifyOptions, type VerifyReport, verifyBundle } from './verify.ts';
import { telemetryBase } from './volume-name.ts';

/** A bundle that was verified, to be merged. */
export interface MergePart {
  folder: string;
  coverage: Coverage;
  report: VerifyReport;
}

export interface MergeOptions extends Pick<VerifyOptions, 'signal'> {
  out: string;
  key: MinisignSecretKey;
  nowMs: () => number;
  /** Told of the staging folder before it is made. */
  onStaging(folder: string): void;
}

/** Name of a volume in its part → its name in the merged bundle. */
export type Renamed = ReadonlyMap<string, string>;

const collectorSource = '@collector';

/**
 * Verifies the bundles that are to be merged; makes nothing.
 * Throws SX_BUNDLE_INVALID (a part that does not verify), SX_BAD_REQUEST (the same part twice).
 */
export async function openMergeParts(
  folders: readonly string[],
  options: Pick<VerifyOptions, 'keys' | 'identities' | 'signal'> = {},
): Promise<MergePart[]> {
  const parts: MergePart[] = [];
  for (const folder of folders) {
    const part = await openPart(folder, options);
    if (parts.some(({ coverage }) => coverage.bundle.id === part.coverage.bundle.id)) {
      throw new SextantError('SX_BAD_REQUEST', `${part.coverage.bundle.name} was given twice`, {
        nextStep: 'name each part once',
      });
    }
    parts.push(part);
  }
  return parts;
}

/**
 * Joins verified bundles into one: their volumes byte for byte under names that do not collide, a common coverage, and each
 * part's own descriptions with its signature in `data/parts/<name>/`, so that it can still be shown what each signer has
 * signed. Sealed with `key`. Nothing is decrypted. All of it is there when this returns, or nothing.
 */
export async function mergeBundles(
  parts: readonly MergePart[],
  options: MergeOptions,
): Promise<{ path: string; bytes: number; coverage: Coverage }> {
  const { signal, nowMs, out } = options;
  const createdMs = nowMs();
  const id = randomBytes(8).toString('hex');
  const sites = [...new Set(parts.map(({ coverage }) => coverage.bundle.site))];
  const site = sites.join(' + ').slice(0, 255);
  const name = formatBundleName({ site, createdMs, id });
  makeFolder(out);
  const stagingFolder = join(out, `${name}.partial`);
  options.onStaging(stagingFolder);
  try {
    const staging = await createStaging(out, name);
    const names = newNames(parts);
    for (const [at, part] of parts.entries()) await copyPart(part, names[at] ?? new Map(), staging, signal);
    const made = { id, name, site, createdMs, nowMs: nowMs() };
    const coverage = mergeCoverage(parts, names, made);
    const isPlain = parts.every(({ report }) => report.volumes.every(({ encrypted }) => !encrypted));
    const findings = isPlain
      ? await analyzeStaging(join(staging, 'data'), coverage, { nowMs: nowMs(), ...(signal && { signal }) })
      : undefined;
    const isMixed = !isPlain && coverage.bundle.recipients === 0;
    const report = renderReport({
      coverage,
      isMixed,
      findings,
      alerts: undefined,
      inventories: undefined,
      charts: undefined,
    });
    const sealed = await sealBundle({
      stagingFolder: staging,
      coverage,
      findings,
      report,
      key: options.key,
      ...(signal && { signal }),
    });
    return { ...sealed, coverage };
  } catch (error) {
    await rm(stagingFolder, { recursive: true, force: true });
    throw error;
  }
}

/** Encrypted volumes are not looked into without a key; their checksums, which the part's signature covers, are. */
async function openPart(folder: string, options: VerifyOptions): Promise<MergePart> {
  const report = await verifyBundle(folder, options);
  if (report.ok && report.coverage) return { folder, coverage: report.coverage, report };
  const faults = report.parts.filter(({ ok }) => !ok).map(({ part, detail }) => `${part}: ${detail}`);
  throw new SextantError(
    'SX_BUNDLE_INVALID',
    `${folder} is not merged: ${faults.slice(0, 5).join('; ') || 'its coverage.json is none'}`,
  );
}

/**
 * Volumes of telemetry continue each other, so that the other side reads them as one, unless their paths could meet:
 * when parts share a node, or both have a collector's own documents. Everything else that collides gets a number.
 */
function newNames(parts: readonly MergePart[]): Renamed[] {
  const next = new Map<string, number>();
  const before = { nodes: new Set<string>(), collector: false };
  return parts.map(({ report: { volumes }, coverage }) => {
    const nodes = coverage.sources.map(({ node }) => node).filter((node) => node !== collectorSource);
    const hasCollector = coverage.sources.some(({ node }) => node === collectorSource);
    const meets = nodes.some((node) => before.nodes.has(node)) || (hasCollector && before.collector);
    for (const node of nodes) before.nodes.add(node);
    before.collector ||= hasCollector;
    const bases = new Map<string, string>();
    const renamed = new Map<string, string>();
    for (const { part, base, encrypted } of volumes) {
      let as = bases.get(base);
      if (as === undefined) {
        as = base;
        const joins = base === telemetryBase && !meets;
        for (let copy = 2; !joins && next.has(as); copy++) as = `${base}-${copy}`;
        bases.set(base, as);
      }
      const number = (next.get(as) ?? 0) + 1;
      next.set(as, number);
      renamed.set(basename(part), `${as}.v${String(number).padStart(3, '0')}.zip${encrypted ? '.age' : ''}`);
    }
    return renamed;
  });
}

/** The part's volumes, and all its other files as its signature covers them. Links where the filesystem has them. */
async function copyPart(
  { folder, coverage }: MergePart,
  names: Renamed,
  staging: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const own = join(staging, 'data', partsFolder, coverage.bundle.name);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    signal?.throwIfAborted();
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const inside = from.slice(folder.length + 1).replaceAll('\\', '/');
    const renamed = dirname(inside) === 'data' ? names.get(entry.name) : undefined;
    // A part that was merged itself has parts: they stay side by side.
    const to = renamed
      ? join(staging, 'data', renamed)
      : inside.startsWith(`data/${partsFolder}/`)
        ? join(staging, inside)
        : join(own, inside);
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}
