import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadIdentity } from '../agent/identity/identity.ts';

interface AgentStatus {
  node: string;
  collector: string;
  certificateUntil: string;
  /** Process id of the running agent; null when none runs. */
  process: number | null;
  spoolBytes: number;
}

/** Prints what this node's agent is and does, from its data folder alone; returns the exit code, 1 when it does not run. */
export function printAgentStatus(dataDir: string, options: { json: boolean }): number {
  const status = readStatus(dataDir);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(status)}\n`);
  } else {
    const rows = [
      ['node', status.node],
      ['collector', status.collector],
      ['certificate', `valid until ${status.certificateUntil}`],
      ['process', status.process === null ? 'not running' : `${status.process}`],
      ['spool', `${(status.spoolBytes / (1024 * 1024)).toFixed(1)} MiB on disk`],
    ];
    process.stdout.write(rows.map(([name, value]) => `${name?.padEnd(12)}${value}\n`).join(''));
  }
  return status.process === null ? 1 : 0;
}

function readStatus(dataDir: string): AgentStatus {
  const folder = join(dataDir, 'agent');
  const { node, collectorUrl, certificate } = loadIdentity(dataDir);
  return {
    node,
    collector: collectorUrl,
    certificateUntil: new X509Certificate(certificate).validToDate.toISOString(),
    process: runningProcess(join(folder, 'holder.json')),
    spoolBytes: bytesUnder(join(folder, 'spool')),
  };
}

function runningProcess(holderFile: string): number | null {
  try {
    const { pid } = JSON.parse(readFileSync(holderFile, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? -1 : null;
  }
}

function bytesUnder(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
