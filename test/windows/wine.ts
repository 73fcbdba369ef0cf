import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'vitest';
import { windowsNode } from '../../scripts/windows-packages.js';
import { clonePrefix, setSystemVariables } from './wine-prefix.ts';
import { missingWine, wineEnvironment, wineLoader } from './wine-programs.ts';
import { startWineServer } from './wine-server.ts';

/** `describe` for tests that need Wine. Without it they do not run, and say so where nobody can miss it. */
export function describeUnderWine(name: string, tests: () => void): void {
  if (missingWine.length === 0) {
    describe(name, tests);
    return;
  }
  process.stderr.write(
    `\n!!! ${name}: NOT TESTED. This machine lacks ${missingWine.join(', ')}; install what scripts/system-packages.js names and run again.\n\n`,
  );
  describe.skip(name, tests);
}

export interface WineOutput {
  /** Windows' exit code modulo 256, as Wine hands it on; null when a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface WineProcess {
  /** The Linux process that is the Windows program: a SIGKILL to it is a kill of the program. */
  child: ChildProcess;
  /** What it has written so far. */
  output(): { stdout: string; stderr: string };
  /** Resolves when it has ended. */
  ended: Promise<WineOutput>;
}

export interface WineOptions {
  /** Variables beside the few that every program under Wine gets; nothing of this process's own is handed on. */
  env?: Record<string, string>;
  cwd?: string;
  /** After this it is killed. Default one minute. */
  timeoutMs?: number;
}

export interface Wine {
  /** Folder of C:, as Linux sees it. */
  driveC: string;
  /** `Z:\tmp\x` for `/tmp/x`. */
  windowsPath(path: string): string;
  /** Starts a program: a Linux path to an .exe, or a name that Windows finds by itself (`reg`, `sc`, `msiexec`). */
  start(program: string, args: string[], options?: WineOptions): WineProcess;
  /** Starts a program and waits for its end. */
  run(program: string, args: string[], options?: WineOptions): Promise<WineOutput>;
  /** Starts Node (22, since 24 does not start under Wine 8) with a script. */
  startNode(args: string[], options?: WineOptions): WineProcess;
  runNode(args: string[], options?: WineOptions): Promise<WineOutput>;
  /** Lays a DLL of our own in place of Wine's in System32 before anything loads it. */
  replaceSystemDll(name: string, path: string): void;
  /** Ends all that runs under this prefix, services too, and removes it. */
  close(): Promise<void>;
}

/**
 * A Windows of its own: a prefix and the server that keeps its services alive between programs. Prefixes are copies of
 * one that is made the first time, so this takes tenths of a second; two do not see each other. `variables` of the
 * environment are those of services too.
 */
export async function createWine(variables: Record<string, string> = {}): Promise<Wine> {
  const prefix = await clonePrefix();
  setSystemVariables(prefix, variables);
  const outputs = mkdtempSync(join(prefix, 'output-'));
  const env = wineEnvironment(prefix);
  const server = startWineServer(prefix);
  let runs = 0;

  const start: Wine['start'] = (program, args, options = {}) => {
    const names = { stdout: join(outputs, `${++runs}.out`), stderr: join(outputs, `${runs}.err`) };
    // Files, since Node under Wine fails on pipes (EBADF).
    const files = { stdout: openSync(names.stdout, 'w'), stderr: openSync(names.stderr, 'w') };
    const child = spawn(wineLoader, [program, ...args], {
      cwd: options.cwd ?? prefix,
      env: { ...env, NODE_SKIP_PLATFORM_CHECK: '1', ...options.env },
      stdio: ['ignore', files.stdout, files.stderr],
    });
    closeSync(files.stdout);
    closeSync(files.stderr);
    const output = () => ({ stdout: readFileSync(names.stdout, 'utf8'), stderr: readFileSync(names.stderr, 'utf8') });
    const deadline = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
    const ended = (async () => {
      const [code] = (await once(child, 'exit')) as [number | null];
      clearTimeout(deadline);
      return { code, ...output() };
    })();
    return { child, output, ended };
  };
  const startNode: Wine['startNode'] = (args, options) => start(windowsNode('wine'), args, options);

  return {
    driveC: join(prefix, 'drive_c'),
    windowsPath: (path) => `Z:${resolve(path).replaceAll('/', '\\')}`,
    start,
    startNode,
    run: (program, args, options) => start(program, args, options).ended,
    runNode: (args, options) => startNode(args, options).ended,
    replaceSystemDll(name, path) {
      const place = join(prefix, 'drive_c', 'windows', 'system32', name);
      // Not written over: the file is shared with the prefix that this one is a copy of.
      rmSync(place, { force: true });
      copyFileSync(path, place);
    },
    async close() {
      await server.stop();
      rmSync(prefix, { recursive: true, force: true });
    },
  };
}
