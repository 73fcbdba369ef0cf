import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { root } from './root.ts';

/**
 * The data folder of a command that is given none: `SEXTANT_DATA_DIR`, else `%ProgramData%\Sextant` on Windows, where
 * programs lie apart from their data, else `data` beside the program. Absolute.
 * The environment is read here and nowhere else.
 */
export function defaultDataDir(): string {
  const { SEXTANT_DATA_DIR, ProgramData } = process.env;
  if (SEXTANT_DATA_DIR) return resolve(SEXTANT_DATA_DIR);
  return process.platform === 'win32' && ProgramData ? join(ProgramData, 'Sextant') : resolve(join(root, 'data'));
}

/**
 * The configuration of this data folder where that is not `sextant.yaml` in it: packages keep settings in /etc and their
 * commands name both, `SEXTANT_DATA_DIR` and `SEXTANT_CONFIG`. Undefined for any other folder.
 */
export function configurationOf(dataDir: string): string | undefined {
  const { SEXTANT_DATA_DIR, SEXTANT_CONFIG } = process.env;
  if (!SEXTANT_DATA_DIR || !SEXTANT_CONFIG || resolve(SEXTANT_DATA_DIR) !== resolve(dataDir)) return undefined;
  return resolve(SEXTANT_CONFIG);
}

/** How a person starts the agent: packages say so in `SEXTANT_AGENT_START`, theirs is a service. */
export function agentStartCommand(): string {
  return process.env.SEXTANT_AGENT_START || 'sextant agent run';
}

/** The environment for a child process: this one's, with some variables set. */
export function environmentWith(variables: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...variables };
}

/** Whether the person asked for output without colours (https://no-color.org). */
export function noColorAsked(): boolean {
  return Boolean(process.env.NO_COLOR) || process.env.TERM === 'dumb';
}

/** Socket of the service manager that started this process as a service of `Type=notify`. */
export function notifySocket(): string | undefined {
  return process.env.NOTIFY_SOCKET || undefined;
}

/** Device and inode, `8:123`, of the stream to the systemd journal that the service manager gave this process. */
export function journalStream(): string | undefined {
  return process.env.JOURNAL_STREAM || undefined;
}

/** Microseconds within which the service manager wants to hear from this process. */
export function watchdogUsec(): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = process.env;
  if (WATCHDOG_PID && Number(WATCHDOG_PID) !== process.pid) return undefined;
  return Number(WATCHDOG_USEC) > 0 ? Number(WATCHDOG_USEC) : undefined;
}

/**
 * All that started programs get to see of the environment: where the system is, English and UTC, so that outputs
 * compare. Nothing of the agent's own goes to them.
 */
export function programEnvironment(platform: NodeJS.Platform = process.platform): Record<string, string> {
  if (platform !== 'win32') {
    return {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      HOME: '/nonexistent',
      SYSTEMD_PAGER: '',
      SYSTEMD_COLORS: '0',
    };
  }
  const systemRoot = windowsFolder('SystemRoot');
  const passed = ['SystemDrive', 'ProgramData', 'ProgramFiles', 'TEMP', 'TMP', 'USERPROFILE', 'NUMBER_OF_PROCESSORS'];
  const values = passed.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return {
    ...Object.fromEntries(values),
    SystemRoot: systemRoot,
    windir: systemRoot,
    // The scripts tell by it whether this node leads the cluster, and which disks are its own.
    COMPUTERNAME: process.env.COMPUTERNAME || hostname(),
    ComSpec: `${systemRoot}\\System32\\cmd.exe`,
    PATH: `${systemRoot}\\System32;${systemRoot};${systemRoot}\\System32\\Wbem;${systemRoot}\\System32\\WindowsPowerShell\\v1.0`,
    PATHEXT: '.COM;.EXE;.BAT;.CMD',
  };
}

/** Where Windows and its programs are. */
export function windowsFolder(name: 'SystemRoot' | 'ProgramFiles'): string {
  return process.env[name] ?? { SystemRoot: 'C:\\Windows', ProgramFiles: 'C:\\Program Files' }[name];
}

/** Threads that libuv has for questions to filesystems, names of hosts and the like, as it reads the variable itself. */
export function threadPoolSize(): number {
  const size = Number.parseInt(process.env.UV_THREADPOOL_SIZE ?? '', 10);
  return size > 0 ? Math.min(size, 1024) : 4;
}
