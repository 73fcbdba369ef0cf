import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const remote = '/lib/systemd/systemd-journal-remote';

/** Real journals can be written where Debian's systemd-journal-remote is installed. */
export const canWriteJournals = existsSync(remote) && existsSync('/usr/bin/journalctl');

/** Appends entries to a real journal file through its export format. */
export function writeJournal(folder: string, name: string, messages: readonly string[]): void {
  const now = Date.now() * 1000;
  const entries = messages.map((message, index) =>
    [
      `__REALTIME_TIMESTAMP=${now + index}`,
      `__MONOTONIC_TIMESTAMP=${now + index}`,
      '_BOOT_ID=0123456789abcdef0123456789abcdef',
      'PRIORITY=6',
      '_PID=7',
      '_TRANSPORT=journal',
      `MESSAGE=${message}`,
      '\n',
    ].join('\n'),
  );
  execFileSync(remote, ['-o', join(folder, name), '-'], {
    input: entries.join(''),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
