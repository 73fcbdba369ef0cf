import { verifyMinisign } from '../../bundle/minisign.ts';
import { parsePublicKey } from '../../bundle/minisign-key.ts';
import { SextantError } from '../../errors/sextant-error.ts';
import type { Drive } from '../drives/drive.ts';

/** What a site allows; from the settings `media.*`. */
export interface ExportPolicy {
  /** Serial numbers of devices and identifiers of volumes that may be written to; empty: any. */
  allowedDevices: readonly string[];
  /** `NAME=KEY`: people who may approve, with their minisign public keys. */
  approvers: readonly string[];
  /** How many of them, other than the person who exports, must have signed this bundle's tag manifest. */
  approvals: number;
}

/** Throws SX_EXPORT_REFUSED when the allow-list does not name this drive. */
export function checkDevice(policy: Pick<ExportPolicy, 'allowedDevices'>, drive: Drive): void {
  if (policy.allowedDevices.length === 0) return;
  const known = [drive.serial, drive.volumeId].filter((id) => id !== null);
  if (known.some((id) => policy.allowedDevices.includes(id))) return;
  const what =
    known.length > 0
      ? `serial ${drive.serial ?? 'unknown'}, volume ${drive.volumeId ?? 'unknown'}`
      : 'no known serial or volume';
  throw new SextantError('SX_EXPORT_REFUSED', `${drive.path} (${what}) is not on the site’s list media.devices`, {
    nextStep: 'take a listed medium, or have an administrator add this one to sextant.yaml',
  });
}

/**
 * Counts who approved: minisign signatures over the bundle's tag manifest, each by another key of the policy, none by
 * `who`. Returns their names. Throws SX_EXPORT_REFUSED when there are too few.
 */
export function checkApprovals(
  policy: ExportPolicy,
  { tagManifest, signatures, who }: { tagManifest: Buffer; signatures: readonly string[]; who: string },
): string[] {
  const approvedBy = new Set<string>();
  let own = 0;
  for (const approver of policy.approvers) {
    const at = approver.indexOf('=');
    const name = approver.slice(0, Math.max(0, at));
    if (name === '') continue;
    let key: ReturnType<typeof parsePublicKey>;
    try {
      key = parsePublicKey(approver.slice(at + 1));
    } catch (cause) {
      throw new SextantError('SX_CONFIG_INVALID', `media.approvers: ${name}: ${(cause as Error).message}`, { cause });
    }
    const fits = signatures.filter((text) => verifyMinisign(tagManifest, text, key).ok).length;
    if (name === who) own += fits;
    else if (fits > 0) approvedBy.add(name);
  }
  if (approvedBy.size < policy.approvals) {
    throw new SextantError(
      'SX_EXPORT_REFUSED',
      `this site wants ${policy.approvals} approval(s) by others than ${who} before an export; there are ${approvedBy.size}${notCounted(signatures.length, own, approvedBy.size)}`,
      {
        nextStep:
          'have an approver run `minisign -S -m tagmanifest-sha512.txt -x approval.minisig` in the bundle’s folder, and give --approval',
      },
    );
  }
  return [...approvedBy];
}

/** Why signatures that were given did not count: a person who gave one is not helped by being told to give one. */
function notCounted(given: number, own: number, counted: number): string {
  if (given === 0 || given <= counted) return '';
  return own > 0
    ? '; one’s own signature does not count'
    : `; of ${given} that were given the others are of keys that media.approvers does not have, or of another bundle, or twice of one person`;
}
