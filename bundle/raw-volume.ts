import { SextantError } from '../errors/sextant-error.ts';
import type { RedactionProfile } from './redaction/profile.ts';

/** Base of the volumes with what cannot be redacted line by line: `raw.v001.zip.age`. They exist encrypted only. */
export const rawBase = 'raw';

/** First folder of every path in a raw volume; no role has such a name, so that no reader takes a dump for a log. */
export const rawFolder = '_raw';

export const isRawPath = (path: string): boolean => path.startsWith(`${rawFolder}/`);

/** Stands in coverage beside each source of a raw volume. */
export const rawReason = 'NOT redacted: as it lay on the node, in the encrypted raw volume';

/** First line and so first bytes of every age file. */
export const ageMagic = 'age-encryption.org/v1\n';

/** For coverage, README.txt and index.html. */
export const rawNote =
  'Raw files were asked for: data/raw.vNNN.zip.age is NOT redacted. It holds event logs, dumps and binary files as they lay on the nodes, passwords and names included, and is encrypted only. Coverage names its sources.';

export const noRawNote =
  'Raw files were asked for, and no node brought any: coverage says why. There is no raw volume.';

/** Throws SX_BAD_REQUEST where a bundle must not have a raw volume: nobody to encrypt it to, or a profile that forbids it. */
export function checkRaw(asked: { raw: boolean; redaction: RedactionProfile }, recipients: number): void {
  if (!asked.raw) return;
  if (recipients === 0) {
    throw new SextantError(
      'SX_BAD_REQUEST',
      'raw files leave a node encrypted only, and no recipients are configured',
      {
        nextStep: 'name at least two in collector.bundles.recipients, or leave out --raw',
      },
    );
  }
  if (asked.redaction === 'strict') {
    throw new SextantError('SX_BAD_REQUEST', 'the profile strict lets nothing out that is not redacted: no raw files', {
      nextStep: 'leave out --raw, or make a second bundle with --redact standard --raw',
    });
  }
}
