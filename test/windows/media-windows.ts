import { windowsDrives } from '../../media/drives/system-windows.ts';
import { writePolicy } from '../../media/drives/windows/write-policy.ts';
import { exportBundle } from '../../media/export/export-bundle.ts';

/** Runs under Wine: what the drives are; with `BUNDLE TARGET` (Windows paths) an export to one of them too. */
const [bundlePath, target = ''] = process.argv.slice(2);
const drives = windowsDrives();
const listed = await drives.list();
const steps: string[] = [];
const silent = { part: () => undefined, bytes: () => undefined, waiting: () => undefined, back: () => undefined };
const result =
  bundlePath &&
  (await exportBundle(
    {
      ...{ bundlePath, targets: [target], resume: false, split: false, eject: 'always', who: 'tester', waitMs: 1000 },
      approve: () => [],
      policy: { allowedDevices: [] },
      signal: new AbortController().signal,
    },
    { drives, progress: silent, nowMs: Date.now, onStep: ({ event }) => steps.push(event) },
  ));
const policy = writePolicy({ removable: true, readOnly: true });
console.log(JSON.stringify({ policy, listed, of: target && (await drives.of(target)), steps, result }));
