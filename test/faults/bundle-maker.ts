import { flushCompileCache } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { openPreparedJobs, preparedRequest } from './prepared-jobs.ts';

/**
 * A process that makes bundles and can be killed and started again far faster than a whole collector. Waits for a line,
 * starts, says what it found, and then makes one bundle after the other; with `finish` it makes what was begun and ends.
 */
const [dataDir = '', until = ''] = process.argv.slice(2);

// A killed process would not write it at its end.
flushCompileCache();
// What was loaded before this line need not be waited for between two kills.
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
const { jobs, close } = openPreparedJobs(dataDir, () => 200);
const under = ['waiting', 'gathering', 'writing'];
const unfinished = () => jobs.list().filter((job) => under.includes(job.state));
const say = (what: string): void =>
  void process.stdout.write(
    `${JSON.stringify({ what, jobs: jobs.list().map(({ name, state, error }) => ({ name, state, error })) })}\n`,
  );

await jobs.start();
say('ready');
for (;;) {
  if (until === '' && unfinished().length === 0) await jobs.create(preparedRequest());
  while (unfinished().length > 0) await pause(2);
  say('made');
  if (until === 'finish') break;
}
await close();
