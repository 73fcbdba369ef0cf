import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A machine that is busy with everything else answers late. */
const lookTimeoutMs = 30_000;

/** Paths of the journal's files: of this folder, or of the machine. */
function* journalFiles(directory: string | undefined): Generator<string> {
  for (const root of directory ? [directory] : ['/var/log/journal', '/run/log/journal']) {
    try {
      for (const name of readdirSync(root, { recursive: true })) {
        if (String(name).endsWith('.journal')) yield join(root, String(name));
      }
    } catch {
      // There is none here.
    }
  }
}

/** True when there is a journal file to follow. */
export const hasJournal = (directory: string | undefined): boolean => !journalFiles(directory).next().done;

/** Keeps away what containers and other machines have laid beside this machine's own journal; nothing where it has no id. */
export function ofThisMachine(machineId = '/etc/machine-id'): string[] {
  try {
    const id = readFileSync(machineId, 'latin1').trim();
    return /^[0-9a-f]{32}$/.test(id) ? [`_MACHINE_ID=${id}`] : [];
  } catch {
    return [];
  }
}

/** When something was last written to the journal: journald touches its files with every entry. */
export function journalChangedUnixMs(directory: string | undefined): number {
  let newest = 0;
  for (const path of journalFiles(directory)) {
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    newest = Math.max(newest, changed);
  }
  return newest;
}

/** Cursor of the newest entry, asked of a journalctl of its own; undefined for an empty journal. Rejects without an answer. */
export async function newestCursor(journalctl: string, scope: readonly string[]): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(
    journalctl,
    ['--lines=1', '--output=json', '--output-fields=PRIORITY', '--no-pager', '--quiet', ...scope],
    { timeout: lookTimeoutMs, killSignal: 'SIGKILL', env: { LC_ALL: 'C.UTF-8' } },
  );
  const line = stdout.trim().split('\n').at(-1);
  return line ? (JSON.parse(line) as { __CURSOR?: string }).__CURSOR : undefined;
}
