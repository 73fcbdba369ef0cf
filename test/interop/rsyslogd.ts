import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, vi } from 'vitest';
import { patient } from '../patience.ts';

const program = ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'].find(existsSync);
const gnutls = existsSync('/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so');

/** Whether this machine can run it, with TLS. */
export const rsyslogdPresent = program !== undefined && gnutls;

/** Times of RFC 3164 are of the zone of whoever writes them, and the collector is told none. */
const env = { ...process.env, TZ: 'UTC' };

/**
 * An rsyslogd of its own, until the test has ended: reads a socket in a temporary folder and does `actions`, which forward. It touches nothing of
 * the machine's own syslog.
 */
export async function startRsyslogd(global: string, actions: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sextant-rsyslog-'));
  const socket = join(folder, 'log');
  const configuration = join(folder, 'rsyslog.conf');
  writeFileSync(
    configuration,
    `global(workDirectory="${folder}" ${global})
module(load="imptcp")
input(type="imptcp" path="${socket}")
${actions}
`,
  );
  const child: ChildProcess = spawn(program ?? '', ['-n', '-f', configuration, '-i', join(folder, 'pid')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  onTestFinished(async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'close');
    }
    rmSync(folder, { recursive: true, force: true });
  });
  await vi.waitFor(
    () => {
      if (child.exitCode !== null) throw new Error(`rsyslogd ended with ${child.exitCode}: ${output}`);
      if (!existsSync(socket)) throw new Error(`rsyslogd has made no socket: ${output}`);
    },
    { ...patient, interval: 20 },
  );
  return {
    /** Says something as a local program does. */
    log: (...args: string[]) => promisify(execFile)('logger', ['--tcp', '--socket', socket, ...args], { env }),
    output: () => output,
  };
}
