import { basename } from 'node:path';
import { SextantError } from '../errors/sextant-error.ts';
import { noIdentityOpens } from './age/header.ts';
import type { AgeIdentity } from './age/key.ts';
import type { Coverage } from './coverage.ts';
import { createEntryBounds } from './entry-bounds.ts';
import { noBundle } from './no-bundle.ts';
import { type OpenedEntry, openVolume } from './open-volume.ts';
import { withPlainVolume } from './plain-volume.ts';
import { type VerifiedVolume, type VerifyOptions, type VerifyReport, verifyBundle } from './verify.ts';

/** A bundle that was verified and may be read. */
export interface SoundBundle {
  folder: string;
  name: string;
  coverage: Coverage;
  report: VerifyReport;
  /** Those that are sound, by base and number. */
  volumes: VerifiedVolume[];
  /** Parts that are not, each with what is wrong: only where they may be skipped. */
  damaged: { part: string; detail: string }[];
}

export interface SoundBundleOptions extends Omit<VerifyOptions, 'alsoIn'> {
  /** Take the volumes that are sound although others are not. Never descriptions that are not. */
  skipDamaged?: boolean;
}

const shownFaults = 5;

/**
 * Verifies a bundle and opens it for reading; `folders` are those of one bundle on several media. Nothing of it is parsed
 * before its signature and checksums were found right.
 * Throws SX_BUNDLE_INVALID with the reasons, SX_BAD_REQUEST when a key is lacking that would open it.
 */
export async function openSoundBundle(
  folders: readonly [string, ...string[]],
  { skipDamaged = false, ...options }: SoundBundleOptions = {},
): Promise<SoundBundle> {
  const [folder, ...alsoIn] = folders;
  const report = await verifyBundle(folder, { ...options, alsoIn });
  const { coverage } = report;
  const name = coverage?.bundle.name ?? basename(folder);
  const faults = report.parts.filter((part) => !part.ok);
  const locked = report.volumes.some((volume) => volume.encrypted);
  if (locked && report.framed && !options.identities) {
    throw new SextantError('SX_BAD_REQUEST', `the volumes of ${name} are encrypted`, {
      nextStep: 'give the key file of one of its recipients: --identity FILE',
    });
  }
  if (faults.length > 0 && faults.every(({ detail }) => detail === noIdentityOpens)) {
    throw new SextantError('SX_BAD_REQUEST', `${name}: ${noIdentityOpens}`, {
      nextStep: `it is encrypted to ${coverage?.bundle.recipients ?? 'other'} recipients: give the key file of one of them`,
    });
  }
  for (const named of report.framed ? [] : folders) {
    const none = await noBundle(named);
    if (none) throw new SextantError('SX_BUNDLE_INVALID', none.message, { nextStep: none.nextStep });
  }
  if (!coverage || (faults.length > 0 && !(skipDamaged && report.framed))) {
    const shown = faults.slice(0, shownFaults).map(({ part, detail }) => `\n  ${part}: ${detail}`);
    const more = faults.length > shownFaults ? `\n  and ${faults.length - shownFaults} more` : '';
    throw new SextantError(
      'SX_BUNDLE_INVALID',
      `${name} is refused:${faults.length === 0 ? ' its coverage.json is none' : `${shown.join('')}${more}`}`,
      report.framed && coverage
        ? { nextStep: 'ask for another copy; --skip-damaged takes the volumes that are sound' }
        : {},
    );
  }
  return { folder, name, coverage, report, volumes: report.volumes.filter((volume) => volume.ok), damaged: faults };
}

/** A file of a bundle, or the next part of one that was cut at the end of a volume. */
export interface BundleEntry {
  /** Node or `telemetry`. */
  base: string;
  volume: string;
  /** Of the whole file. */
  path: string;
  /** True when what is before it came right before. */
  continues: boolean;
  bytes: number;
  modifiedMs: number;
  content: OpenedEntry['content'];
}

export interface ReadBundleOptions {
  identities?: readonly AgeIdentity[] | undefined;
  /** Where plaintext lies while it is read. */
  scratch: string;
  /** Volumes of these bases only. */
  only?: (base: string) => boolean;
  signal?: AbortSignal | undefined;
}

/** Visits every file of a sound bundle, in order, parts of one file after each other. Memory does not grow with its size. */
export async function readSoundBundle(
  bundle: Pick<SoundBundle, 'volumes'>,
  { identities = [], scratch, only = () => true, signal }: ReadBundleOptions,
  visit: (entry: BundleEntry) => Promise<void>,
): Promise<void> {
  const bounds = createEntryBounds();
  let last: { base: string; number: number; path: string; parts: number } | undefined;

  const readPlain = async (volume: VerifiedVolume, plain: string): Promise<void> => {
    let before = last?.base === volume.base && last.number === volume.number - 1 ? last : undefined;
    for await (const entry of openVolume(plain, { bounds, base: volume.base })) {
      signal?.throwIfAborted();
      const continues = before !== undefined && entry.path === partPath(before.path, before.parts + 1);
      const path = continues && before ? before.path : entry.path;
      last = { base: volume.base, number: volume.number, path, parts: continues && before ? before.parts + 1 : 1 };
      // Only the first entry of a volume goes on with what the volume before ended with.
      before = undefined;
      const { bytes, modifiedMs, content } = entry;
      await visit({ base: volume.base, volume: volume.part, path, continues, bytes, modifiedMs, content });
    }
  };
  for (const volume of bundle.volumes) {
    if (!only(volume.base)) continue;
    if (!volume.encrypted) await readPlain(volume, volume.file);
    else await withPlainVolume(volume.file, { identities, scratch, signal }, (plain) => readPlain(volume, plain));
  }
}

const partPath = (path: string, number: number): string => `${path}.part${String(number).padStart(3, '0')}`;
