import { writeNodeBundle } from '../../agent/collect/node-bundle.ts';
import { createFileQuestions } from '../../agent/filesystems/file-questions.ts';
import { loadProfile } from '../../agent/profile/load.ts';
import { loadSettings } from '../../config/load.ts';

/** Writes bundles of one node until it is killed, and says so after each. */
const [dataDir = '', out = ''] = process.argv.slice(2);
const settings = loadSettings({ dataDir });
const { profile } = loadProfile({ names: settings['agent.profile'] });
console.log('ready');
for (;;) {
  const nowMs = Date.now();
  await writeNodeBundle({
    questions: createFileQuestions({ most: 4 }),
    ...{ dataDir, settings, profile, out, fromUnixMs: nowMs - 3_600_000, untilUnixMs: nowMs, nowMs: Date.now },
    ...{ roles: [], redaction: 'standard', signal: new AbortController().signal, onProgress: () => undefined },
    // Asking the machine takes most of a second, in which nothing is written.
    inventory: async () => ({ collectedUnixMs: nowMs, facts: { system: { model: 'test' } } }),
  });
  console.log('written');
}
