import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { writeLines } from './flood.ts';
import { cpuSeconds, memoryBytes } from './processes.ts';

/** What another program takes to follow the same lines to a receiver that only counts them. */
export interface PeerFigures {
  name: string;
  seconds: number;
  cpuSeconds: number;
  peakResidentBytes: number;
}

interface Peer {
  name: string;
  program: string;
  configure(work: { folder: string; file: string; port: number }): {
    configuration: string;
    args(path: string): string[];
  };
}

/**
 * Programs that follow files as well, each with its usual protection against a restart and an outage: positions on disk, and a
 * buffer on disk (Fluent Bit: always; rsyslog: once its memory is full). Neither syncs what it has read, nor encrypts.
 */
const peers: readonly Peer[] = [
  {
    name: 'Fluent Bit',
    program: 'fluent-bit',
    configure: ({ folder, file, port }) => ({
      configuration: `[SERVICE]
  flush 1
  log_level error
  storage.path ${join(folder, 'storage')}
[INPUT]
  name tail
  path ${file}
  read_from_head true
  refresh_interval 1
  db ${join(folder, 'positions.db')}
  storage.type filesystem
[OUTPUT]
  name tcp
  match *
  host 127.0.0.1
  port ${port}
  format json_lines
`,
      args: (path) => ['-c', path],
    }),
  },
  {
    name: 'rsyslog',
    program: 'rsyslogd',
    configure: ({ folder, file, port }) => ({
      configuration: `global(workDirectory="${folder}")
module(load="imfile")
input(type="imfile" file="${file}" tag="flood:" ruleset="out" persistStateInterval="10000")
ruleset(name="out" queue.type="LinkedList" queue.filename="out" queue.size="100000" queue.maxDiskSpace="1g") {
  action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp")
}
`,
      args: (path) => ['-n', '-f', path, '-i', join(folder, 'pid')],
    }),
  },
];

/** Those that this machine has, one after another. */
export async function measurePeers(folder: string, lines: number): Promise<PeerFigures[]> {
  const figures: PeerFigures[] = [];
  for (const [index, peer] of peers.entries()) {
    const program = find(peer.program);
    if (program !== undefined) figures.push(await measure(peer, program, join(folder, `peer-${index}`), lines));
  }
  return figures;
}

async function measure(peer: Peer, program: string, folder: string, lines: number): Promise<PeerFigures> {
  mkdirSync(folder);
  const file = join(folder, 'flood.log');
  writeLines(file, lines);
  let received = 0;
  const receiver = createServer((socket) => {
    socket.on('data', (bytes) => {
      for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) received++;
    });
    socket.on('error', () => undefined);
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { configuration, args } = peer.configure({ folder, file, port: (receiver.address() as AddressInfo).port });
  const path = join(folder, 'configuration');
  writeFileSync(path, configuration);
  const child = spawn(program, args(path), { stdio: ['ignore', 'ignore', 'inherit'] });
  const started = performance.now();
  let peakResidentBytes = 0;
  try {
    await once(child, 'spawn');
    while (received < lines) {
      if (child.exitCode !== null) throw new Error(`${peer.name} ended with ${child.exitCode}`);
      if (performance.now() - started > 120_000)
        throw new Error(`${peer.name} sent ${received} of ${lines} lines in 2 min`);
      peakResidentBytes = Math.max(peakResidentBytes, memoryBytes(child.pid as number).resident);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
      name: peer.name,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: cpuSeconds(child.pid as number),
      peakResidentBytes,
    };
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    receiver.close();
  }
}

/** A program on the path, or where the system's own lie. */
function find(program: string): string | undefined {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there.
    }
  }
  return undefined;
}
