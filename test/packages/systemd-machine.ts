import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type Finished, run } from '../e2e/running-site.ts';

/** A Debian that runs under a systemd of its own, reached by nobody and reaching nothing but itself. */
export interface SystemdMachine {
  /** Runs lines of bash in it, as root. */
  sh(lines: string): Promise<Finished>;
  /** The same, which must end with 0; resolves with what it printed. */
  ask(lines: string): Promise<string>;
  /** Lets it reboot, and resolves when it has booted again. */
  reboot(): Promise<void>;
  close(): Promise<void>;
}

const here = (name: string) => join(import.meta.dirname, name);
/** `reboot` in a container that keeps the unit of who started it. */
const rebooted = 133;

/** Boots the root in `root`; `given` appears in it as /given. */
export async function bootMachine(name: string, root: string, given: string): Promise<SystemdMachine> {
  let container = await boot(name, root, given);

  const sh = (lines: string) =>
    run([
      ...[
        'nsenter',
        `--target=${container.init}`,
        '--mount',
        '--uts',
        '--ipc',
        '--net',
        '--pid',
        '--cgroup',
        '--root',
        '--wd',
      ],
      ...['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8', 'HOME=/root', 'TERM=dumb'],
      ...['bash', '-c', lines],
    ]);
  const ask = async (lines: string): Promise<string> => {
    const { code, stdout, stderr } = await sh(lines);
    if (code !== 0) throw new Error(`${lines}\nended with ${code}:\n${stdout}${stderr}`);
    return stdout.trim();
  };
  const booted = () =>
    vi.waitFor(async () => {
      const { stdout } = await sh('systemctl is-system-running');
      if (!/^(running|degraded)/.test(stdout)) throw new Error(`the machine is ${stdout}`);
    }, 90_000);
  const close = async () => {
    const ended = once(container.process, 'exit');
    container.process.kill('SIGTERM');
    // It goes down in order; asked again, at once.
    const impatience = setTimeout(() => container.process.kill('SIGTERM'), 60_000);
    await ended;
    clearTimeout(impatience);
    // Its groups, the innermost first.
    const script = 'find /sys/fs/cgroup -depth -type d -path "*/$0*" -exec rmdir {} +';
    spawnSync('bash', ['-c', script, name]);
  };
  try {
    await booted();
  } catch (error) {
    await close();
    throw error;
  }

  return {
    sh,
    ask,
    close,
    async reboot() {
      const ended = once(container.process, 'exit');
      await sh('systemctl reboot');
      const [code] = await ended;
      if (code !== rebooted) throw new Error(`the machine ended with ${code} instead of a reboot`);
      container = await boot(name, root, given);
      await booted();
    },
  };
}

interface Container {
  process: ChildProcess;
  /** Its process 1, by our numbers. */
  init: number;
}

async function boot(name: string, root: string, given: string): Promise<Container> {
  const child = spawn('unshare', ['--mount', 'bash', here('boot-machine.sh'), name, root, given], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
    });
  }
  const init = await vi.waitFor(() => {
    if (child.exitCode !== null) throw new Error(`the machine did not boot:\n${said}`);
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
    const systemd = children.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n');
    if (systemd === undefined) throw new Error(`there is no systemd in:\n${said}`);
    return Number(systemd);
  }, 60_000);
  return { process: child, init };
}

/** Why no such machine can be made here; undefined when one can. */
export function whyNoMachine(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'it needs root on Linux';
  for (const program of ['systemd-nspawn', 'debootstrap', 'nsenter', 'apt-get', 'dpkg-deb']) {
    if (spawnSync('sh', ['-c', 'command -v "$0"', program]).status !== 0) return `there is no ${program}`;
  }
  return / cgroup2 /.test(readFileSync('/proc/mounts', 'utf8')) ? undefined : 'there is no cgroup v2';
}

/** Makes a Debian in `root` from this machine's own apt sources. */
export async function makeDebianRoot(root: string): Promise<void> {
  const { code, stdout, stderr } = await run(['bash', here('debian-root.sh'), root]);
  if (code !== 0) throw new Error(`no Debian could be made:\n${stdout.slice(-3000)}${stderr}`);
}
