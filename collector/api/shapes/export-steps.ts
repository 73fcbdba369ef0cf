/** A step of an export by command, as the command tells the collector for its audit. */
export interface ExportStep {
  export: string;
  bundle: string;
  /** The user of the machine who ran the command. */
  who: string;
  /** RFC 3339. */
  at: string;
  event: ExportStepEvent;
  approvedBy?: string[];
  medium?: number;
  folder?: string;
  serial?: string;
  volumeId?: string;
  part?: string;
  reason?: string;
  detail?: string;
}

/** Steps worth a line in the audit; the journal has each part besides. `not-allowed`: the policy refused it all, nothing began. */
export const exportStepEvents = [
  ...(['planned', 'medium', 'medium-done', 'lost', 'back', 'refused'] as const),
  ...(['ejected', 'interrupted', 'finished', 'not-allowed'] as const),
] as const;
export type ExportStepEvent = (typeof exportStepEvents)[number];

export const mostStepsAtOnce = 200;
