import type { ExportJob } from '../../../../collector/api/shapes/exports.ts';

export const hasEnded = ({ state }: ExportJob): boolean =>
  ['complete', 'partial', 'failed', 'cancelled', 'interrupted'].includes(state);

/** What a person calls a drive: its label, else its model, else where it is mounted. */
export const driveName = ({ label, model, path }: Pick<ExportJob['drive'], 'label' | 'model' | 'path'>): string =>
  label ?? model ?? path;
