import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Finished, run } from './running-site.ts';

const program = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Whether this machine lets us make network namespaces: root, the kernel's leave, and the program `ip`. */
export function canMakeNamespaces(): boolean {
  const name = `sx${process.pid}t`;
  const made = spawnSync('ip', ['netns', 'add', name]).status === 0;
  if (made) spawnSync('ip', ['netns', 'del', name]);
  return made;
}

/** A collector and its nodes, each in a network namespace of its own, joined by veth pairs to a bridge at the collector. */
export interface Cluster {
  dataDir: string;
  /** Runs a command beside the collector, against it. */
  sextant(...args: string[]): Promise<Finished>;
  /** Enrols a node and starts its agent; `items` are those of its one role, as YAML. */
  addNode(name: string, items: string): Promise<{ agent: ChildProcess; dataDir: string }>;
  close(): Promise<void>;
}

export async function startCluster(folder: string, options: { nodeDeadline?: string } = {}): Promise<Cluster> {
  const id = `sx${process.pid}`;
  const namespaces: string[] = [];
  const children: ChildProcess[] = [];
  const ip = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await run(['ip', ...args]);
    if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
  };
  const addNamespace = async (name: string): Promise<string> => {
    await ip('netns', 'add', name);
    namespaces.push(name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    return name;
  };
  const inside = (namespace: string, ...args: string[]): string[] => [
    ...['ip', 'netns', 'exec', namespace, process.execPath, program],
    ...args,
  ];
  const start = (namespace: string, ...args: string[]): ChildProcess => {
    const [command = '', ...rest] = inside(namespace, ...args);
    const child = spawn(command, rest, { stdio: 'ignore' });
    children.push(child);
    return child;
  };
  const close = async (): Promise<void> => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 8000);
      await closed;
      clearTimeout(late);
    }
    for (const namespace of namespaces) await run(['ip', 'netns', 'del', namespace]);
  };

  try {
    const center = await addNamespace(`${id}c`);
    await ip('-n', center, 'link', 'add', 'br0', 'type', 'bridge');
    await ip('-n', center, 'addr', 'add', '10.77.0.1/24', 'dev', 'br0');
    await ip('-n', center, 'link', 'set', 'br0', 'up');
    const dataDir = join(folder, 'collector');
    await mkdir(dataDir, { recursive: true });
    await writeFile(
      join(dataDir, 'sextant.yaml'),
      `site: { name: Plant 7 }
collector:
  listen: 0.0.0.0
  names: [10.77.0.1]
${options.nodeDeadline === undefined ? '' : `  bundles: { nodeDeadline: ${options.nodeDeadline} }\n`}`,
    );
    start(center, 'collector', 'run', '--data-dir', dataDir);
    const lateMs = Date.now() + 60_000;
    while (!existsSync(join(dataDir, 'collector/endpoint.json'))) {
      if (Date.now() > lateMs) throw new Error('no collector');
      await sleep(100);
    }
    const sextant = (...args: string[]): Promise<Finished> => run(inside(center, ...args, '--data-dir', dataDir));
    let nodes = 0;
    return {
      dataDir,
      sextant,
      async addNode(name, items) {
        const number = ++nodes;
        const namespace = await addNamespace(`${id}n${number}`);
        await ip('-n', center, 'link', 'add', `b${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
        await ip('-n', center, 'link', 'set', `b${number}`, 'master', 'br0', 'up');
        await ip('-n', namespace, 'addr', 'add', `10.77.0.1${number}/24`, 'dev', 'eth0');
        await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
        const own = join(folder, name);
        await mkdir(own, { recursive: true });
        const profile = join(folder, `${name}.yaml`);
        await writeFile(
          profile,
          `name: ${name}\ndescription: A node of a test\nbundle:\n  system:\n    description: Facts\n    items:\n${items}`,
        );
        await writeFile(join(own, 'sextant.yaml'), `agent: { profile: [${profile}] }\n`);
        const { stdout, stderr } = await sextant('token', 'create', '--json');
        const tokenFile = join(folder, `${name}.token`);
        await writeFile(tokenFile, JSON.parse(stdout || stderr).token, { mode: 0o600 });
        const enrolled = await run(
          inside(
            namespace,
            'agent',
            'enroll',
            '--collector',
            'https://10.77.0.1:8443',
            '--token-file',
            tokenFile,
            '--node',
            name,
            '--data-dir',
            own,
          ),
        );
        if (enrolled.code !== 0) throw new Error(enrolled.stderr);
        return { agent: start(namespace, 'agent', 'run', '--data-dir', own), dataDir: own };
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
