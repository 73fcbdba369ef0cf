import { writeSync } from 'node:fs';
import { createFileQuestions } from '../../agent/filesystems/file-questions.ts';
import { runGatherJob } from '../../agent/jobs/gather-job.ts';
import type { BundleItem } from '../../agent/profile/bundle.ts';
import type { GatherProgress } from '../../protocol/control.ts';
import { emptyProfile } from '../unit/agent/sources/source-context.ts';

// Gathers items as a node does, and prints as one JSON object how each ended and how long all of it took:
//   slow-gatherer.ts FOLDER DEADLINE-MS ITEMS-AS-JSON

const [folder = '', deadlineMs = '', items = '[]'] = process.argv.slice(2);
const outcomes: Record<string, GatherProgress> = {};
const startedMs = Date.now();
const volumes = await runGatherJob({
  request: {
    ...{ type: 'gather', attempt: 1, bundleId: 'b1', roles: ['r'], deadlineMs: Number(deadlineMs) },
    fromUnixMs: startedMs - 900_000,
    untilUnixMs: startedMs,
  },
  profile: { ...emptyProfile, bundle: { r: { description: '', items: JSON.parse(items) as BundleItem[] } } },
  node: 'node-1',
  folder,
  dataDir: folder,
  redactionKey: Buffer.alloc(32),
  names: [],
  questions: createFileQuestions({ most: 4 }),
  nowMs: Date.now,
  signal: new AbortController().signal,
  onProgress: (progress) => {
    outcomes[progress.source] = progress;
  },
});
writeSync(1, JSON.stringify({ outcomes, volumes: volumes.map(({ path }) => path), ms: Date.now() - startedMs }));
// A thread that reads what never answers would hold an ordinary end.
process.kill(process.pid, 'SIGKILL');
