import { SextantError } from '../../errors/sextant-error.ts';
import { type Drive, driveId } from '../drives/drive.ts';
import { driveSystem } from '../drives/system.ts';
import { type ExportResult, exportBundle } from '../export/export-bundle.ts';
import type { ExportOrder, MediaMessage, MediaTask } from './messages.ts';

/** Progress is told this often at most: a fast medium would flood the channel. */
const tellEveryMs = 200;

/**
 * A process that asks or writes media for another, so that a device that hangs holds up nobody else: a stick that has
 * died answers a system call after minutes, or never. Takes one task, answers, and ends. An export that is to stop is
 * told so by the end of the channel.
 */
function tell(message: MediaMessage): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) resolve();
    else process.send(message, () => resolve());
  });
}

async function findDrive(drives: readonly Drive[], id: string): Promise<Drive> {
  const found = drives.find((drive) => driveId(drive) === id);
  if (found) return found;
  throw new SextantError('SX_MEDIUM_GONE', 'that drive is not mounted on the collector’s machine any more', {
    nextStep: 'put it in, mount it, and start the export again',
  });
}

async function carryOut(order: ExportOrder, signal: AbortSignal): Promise<ExportResult> {
  const drives = await driveSystem();
  const drive = await findDrive(await drives.list(), order.drive);
  let untold = 0;
  let toldMs = 0;
  const tellBytes = (): void => {
    if (untold > 0) void tell({ type: 'bytes', bytes: untold });
    untold = 0;
    toldMs = performance.now();
  };
  return exportBundle(
    {
      bundlePath: order.bundlePath,
      targets: [drive.path],
      resume: order.resume,
      split: order.split,
      eject: order.eject ? 'always' : 'never',
      who: order.who,
      approve: () => order.approvedBy,
      policy: { allowedDevices: order.allowedDevices },
      waitMs: order.waitMs,
      signal,
    },
    {
      drives,
      nowMs: Date.now,
      onStep: (entry) => void tell({ type: 'journal', entry }),
      progress: {
        part: (at, { path, bytes }) => {
          tellBytes();
          void tell({ type: 'step', step: { at, part: path, bytes } });
        },
        bytes: (_, bytes) => {
          untold += bytes;
          if (performance.now() - toldMs >= tellEveryMs) tellBytes();
        },
        waiting: (_, reason, waitMs) => void tell({ type: 'step', step: { at: 'waiting', reason, waitMs } }),
        back: () => void tell({ type: 'step', step: { at: 'back' } }),
      },
    },
  );
}

async function work(task: MediaTask, signal: AbortSignal): Promise<MediaMessage> {
  try {
    if (task.task === 'list') return { type: 'drives', drives: await (await driveSystem()).list() };
    return { type: 'exported', result: await carryOut(task.order, signal) };
  } catch (error) {
    const known = error instanceof SextantError ? error : new SextantError('SX_INTERNAL', (error as Error).message);
    return { type: 'failed', code: known.code, message: known.message, nextStep: known.nextStep };
  }
}

const stop = new AbortController();
// A terminal's Ctrl+C reaches every process of the group: the parent decides what becomes of this one.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => {
  if (process.connected) process.disconnect();
});
process.once('disconnect', () => stop.abort(new SextantError('SX_BUNDLE_FAILED', 'the export was stopped')));
process.once('message', (task: MediaTask) => {
  void work(task, stop.signal)
    .then(tell)
    .then(() => process.exit(0));
});
