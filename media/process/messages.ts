import type { Drive } from '../drives/drive.ts';
import type { ExportResult } from '../export/export-bundle.ts';
import type { JournalEntry } from '../export/journal.ts';

/** An export as the process that carries it out is told. */
export interface ExportOrder {
  bundlePath: string;
  /** `driveId` of the drive, which is looked for when the work begins. */
  drive: string;
  resume: boolean;
  split: boolean;
  eject: boolean;
  who: string;
  /** Who approved; decided by the sender. */
  approvedBy: string[];
  allowedDevices: readonly string[];
  waitMs: number;
}

/** From the parent, once: what to do. Ends of the channel mean: stop. */
export type MediaTask = { task: 'list' } | { task: 'export'; order: ExportOrder };

/** Where an export is. `copy` is written, `check` read back; a medium that is gone is waited for. */
export type ExportStep =
  | { at: 'copy' | 'check' | 'recheck'; part: string; bytes: number }
  | { at: 'waiting'; reason: string; waitMs: number }
  | { at: 'back' };

/** From the child. The last one is `drives`, `exported` or `failed`. */
export type MediaMessage =
  | { type: 'drives'; drives: Drive[] }
  | { type: 'step'; step: ExportStep }
  /** Bytes of the present part since the last message of this kind. */
  | { type: 'bytes'; bytes: number }
  | { type: 'journal'; entry: JournalEntry }
  | { type: 'exported'; result: ExportResult }
  | { type: 'failed'; code: string; message: string; nextStep: string };
