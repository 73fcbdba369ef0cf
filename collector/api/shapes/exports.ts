/**
 * Drives and exports of bundles, as `/api/v1` answers; the command line and the dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

/** A mounted filesystem of the collector's machine that a bundle could be exported to. */
export interface DriveRow {
  /** What an export is asked for with. */
  id: string;
  path: string;
  device: string;
  bus: string;
  removable: boolean;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  volumeId: string | null;
  label: string | null;
  filesystem: string;
  totalBytes: number | null;
  freeBytes: number | null;
  /** Why nothing may be exported to it; null when it may. */
  refusal: string | null;
}

export const exportStates = [
  'waiting-for-approval',
  'waiting',
  'running',
  'waiting-for-medium',
  'complete',
  'partial',
  'failed',
  'cancelled',
  'interrupted',
] as const;
export type ExportState = (typeof exportStates)[number];

/** An export of a bundle onto a drive of the collector's machine. */
export interface ExportJob {
  id: string;
  bundle: string;
  bundleName: string;
  state: ExportState;
  drive: Pick<DriveRow, 'id' | 'path' | 'model' | 'serial' | 'volumeId' | 'label' | 'filesystem'>;
  requestedBy: string;
  requestedAt: string;
  /** How many others have to approve, and who has. */
  approvalsNeeded: number;
  approvals: { user: string; at: string }[];
  resume: boolean;
  split: boolean;
  eject: boolean;
  startedAt: string | null;
  finishedAt: string | null;
  /** `copy` writes, `check` reads back, `recheck` reads back what was there already; of both together so many bytes. */
  progress: { step: 'copy' | 'check' | 'recheck'; part: string; doneBytes: number; totalBytes: number } | null;
  /** Why it waits, failed or was broken off, and what to do. */
  reason: string | null;
  nextStep: string | null;
  /** Parts that are on no medium yet. */
  missing: string[];
  /** What the receipt on the medium says. */
  receipt: {
    exportId: string;
    /** The bundle's folder on the medium. */
    path: string;
    parts: number;
    bytes: number;
    /** How bytes came back: `direct` past the page cache, `dropped` after it was emptied, `cached` perhaps from it. */
    readBack: ('direct' | 'dropped' | 'cached')[];
    interruptions: number;
    ejected: { step: string; done: boolean; detail: string }[];
  } | null;
  /** What a source would take in a bundle. */
}
