import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const remote = '/lib/systemd/systemd-journal-remote';

/** Real journals can be written where Debian's systemd-journal-remote is installed. */
export const canWriteJournals = existsSync(remote) && existsSync('/usr/bin/journalctl');

const oneBoot = '0123456789abcdef0123456789abcdef';

/** Appends entries to a real journal file through its export format, as of one boot of the machine. */
export function writeJournal(folder: string, name: string, messages: readonly string[], boot = oneBoot): void {
  const now = Date.now() * 1000;
  const entries = messages.map((message, index) =>
    [
      `__REALTIME_TIMESTAMP=${now + index}`,
      `__MONOTONIC_TIMESTAMP=${now + index}`,
      `_BOOT_ID=${boot}`,
      'PRIORITY=6',
      '_PID=7',
      '_TRANSPORT=journal',
      `MESSAGE=${message}`,
      '\n',
    ].join('\n'),
  );
  write(folder, name, Buffer.from(entries.join('')));
}

/** Appends one entry with these fields, each as bytes: the form of the export format that may hold anything. */
export function writeBinaryEntry(folder: string, name: string, fields: Readonly<Record<string, Buffer>>): void {
  const now = Date.now() * 1000;
  const parts: Uint8Array[] = [
    Buffer.from(`__REALTIME_TIMESTAMP=${now}\n__MONOTONIC_TIMESTAMP=${now}\n_BOOT_ID=${oneBoot}\n`),
  ];
  for (const [field, value] of Object.entries(fields)) {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(value.length));
    parts.push(Buffer.from(`${field}\n`), size, value, Buffer.from('\n'));
  }
  write(folder, name, Buffer.concat([...parts, Buffer.from('\n')]));
}

function write(folder: string, name: string, input: Buffer): void {
  execFileSync(remote, ['-o', join(folder, name), '-'], { input, stdio: ['pipe', 'ignore', 'ignore'] });
}
