import { version } from '../../config/version.ts';
import type { Drive } from '../drives/drive.ts';
import type { ReadBackMethod } from './read-back.ts';

export interface PartReceipt {
  path: string;
  bytes: number;
  sha512: string;
  writtenAt: string | null;
  checkedAt: string;
  readBack: ReadBackMethod;
}

/** What is on a medium, who put it there, and how it was checked. Lies beside the bundle, on medium and source. */
export interface Receipt {
  format: 'sextant-export-receipt/1';
  /** `unfinished` until every part on this medium has been read back. */
  state: 'unfinished' | 'complete';
  exportId: string;
  bundle: string;
  who: string;
  approvedBy: string[];
  software: string;
  startedAt: string;
  finishedAt: string | null;
  medium: {
    /** From 1; of how many, once that is known. */
    number: number;
    of: number | null;
    bus: string;
    vendor: string | null;
    model: string | null;
    serial: string | null;
    filesystem: string;
    volumeId: string | null;
    label: string | null;
    removable: boolean;
  };
  parts: PartReceipt[];
  /** Parts of this bundle that other media carry, by the medium's number; null for those on none yet. */
  elsewhere: { path: string; medium: number | null }[];
  interruptions: { at: string; reason: string; backAt: string | null }[];
}

export const receiptName = (bundle: string): string => `${bundle}.receipt.json`;

/** The receipt as it is before the first part. */
export function beginReceipt(
  subject: Pick<Receipt, 'exportId' | 'bundle' | 'who' | 'approvedBy'> & {
    drive: Drive;
    number: number;
    of: number | null;
    startedAt: string;
  },
): Receipt {
  const { drive, number, of, startedAt, ...identity } = subject;
  const { bus, vendor, model, serial, filesystem, volumeId, label, removable } = drive;
  return {
    format: 'sextant-export-receipt/1',
    state: 'unfinished',
    ...identity,
    software: `Sextant ${version}`,
    startedAt,
    finishedAt: null,
    medium: { number, of, bus, vendor, model, serial, filesystem, volumeId, label, removable },
    parts: [],
    elsewhere: [],
    interruptions: [],
  };
}

export const formatReceipt = (receipt: Receipt): string => `${JSON.stringify(receipt, null, 2)}\n`;
