import { Type } from 'typebox';
import { type DriveRow, type ExportJob, exportStates } from '../../shapes/exports.ts';
import { names, orNull, same, Text, Time } from './schema.ts';

const drive = {
  id: Type.String({ description: 'What an export is asked for with.' }),
  path: Text,
  model: orNull(Text),
  serial: orNull(Text),
  volumeId: orNull(Text),
  label: orNull(Text),
  filesystem: Text,
};

const driveRow = same<DriveRow>()(
  Type.Object({
    ...drive,
    device: Text,
    bus: Text,
    removable: Type.Boolean(),
    vendor: orNull(Text),
    totalBytes: orNull(Type.Number()),
    freeBytes: orNull(Type.Number()),
    refusal: orNull(Type.String({ description: 'Why nothing may be exported to it; null when it may.' })),
  }),
);

const exportJob = same<ExportJob>()(
  Type.Object({
    id: Text,
    bundle: Text,
    bundleName: Text,
    state: names(exportStates),
    drive: Type.Object(drive),
    requestedBy: Text,
    requestedAt: Time,
    approvalsNeeded: Type.Number(),
    approvals: Type.Array(Type.Object({ user: Text, at: Time })),
    resume: Type.Boolean(),
    split: Type.Boolean(),
    eject: Type.Boolean(),
    startedAt: orNull(Time),
    finishedAt: orNull(Time),
    progress: orNull(
      Type.Object({
        step: names(['copy', 'check', 'recheck']),
        part: Text,
        doneBytes: Type.Number(),
        totalBytes: Type.Number({ description: 'Of writing and reading back together.' }),
      }),
    ),
    reason: orNull(Type.String({ description: 'Why it waits, failed or was broken off.' })),
    nextStep: orNull(Text),
    missing: Type.Array(Text, { description: 'Parts that are on no medium yet.' }),
    receipt: orNull(
      Type.Object({
        exportId: Text,
        path: Text,
        parts: Type.Number(),
        bytes: Type.Number(),
        readBack: Type.Array(names(['direct', 'dropped', 'cached'])),
        interruptions: Type.Number(),
        ejected: Type.Array(Type.Object({ step: Text, done: Type.Boolean(), detail: Text })),
      }),
    ),
  }),
);

export const exportAnswers = {
  Drives: Type.Array(driveRow),
  ExportJob: exportJob,
  ExportList: Type.Array(exportJob),
};
