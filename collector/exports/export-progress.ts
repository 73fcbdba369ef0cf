import type { MediaMessage } from '../../media/process/messages.ts';
import type { ExportJob } from '../api/shapes/exports.ts';

/** How far an export is, from what its process tells. */
export interface ExportProgress {
  /** `bundleBytes`: all parts, which are written and then read back. */
  begin(bundleBytes: number): void;
  heard(message: MediaMessage): void;
  /** Null before the first part. */
  now(): ExportJob['progress'];
}

export function createExportProgress(): ExportProgress {
  let totalBytes = 0;
  let doneBytes = 0;
  let current: { step: 'copy' | 'check' | 'recheck'; part: string } | undefined;
  return {
    begin: (bundleBytes) => {
      totalBytes = 2 * bundleBytes;
    },
    heard: (message) => {
      // Reading back what is there already saves the writing too.
      if (message.type === 'bytes') doneBytes += message.bytes * (current?.step === 'recheck' ? 2 : 1);
      if (message.type !== 'step') return;
      if (message.step.at === 'waiting') return;
      // After it was away everything on the medium is read back again.
      if (message.step.at === 'back') doneBytes = 0;
      else current = { step: message.step.at, part: message.step.part };
    },
    now: () => (current && { ...current, doneBytes: Math.min(doneBytes, totalBytes), totalBytes }) || null,
  };
}
