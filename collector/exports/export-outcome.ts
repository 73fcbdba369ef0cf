import type { ExportResult } from '../../media/export/export-bundle.ts';
import type { ExportJob } from '../api/shapes/exports.ts';

/** What a job tells of its end: a drive takes one folder of an export, and more than one medium may be needed. */
export function outcomeOf({ exportId, media, missing }: ExportResult): Partial<ExportJob> {
  const [medium] = media;
  const nextStep =
    missing.length > 0 ? 'put in the next medium and export the bundle to it, going on with this export' : null;
  if (!medium) return { missing, nextStep, receipt: null };
  const { receipt, path, ejected } = medium;
  return {
    missing,
    nextStep,
    receipt: {
      exportId,
      path,
      parts: receipt.parts.length,
      bytes: receipt.parts.reduce((sum, part) => sum + part.bytes, 0),
      readBack: [...new Set(receipt.parts.map((part) => part.readBack))],
      interruptions: receipt.interruptions.length,
      ejected,
    },
  };
}
