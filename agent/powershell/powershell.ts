import { readdirSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { windowsFolder } from '../../config/environment.ts';
import { root } from '../../config/root.ts';
import type { ProgramQueue } from '../programs/program-queue.ts';

/** The scripts are data and lie with the profiles: one a question, cmdlets in, one JSON object out. */
const scriptsFolder = join(root, 'profiles', 'powershell');

export interface PowerShell {
  /**
   * Runs a script (`cluster`) and gives back the object that it printed; undefined when the script says that the
   * machine has no such role (`{"absent": "why"}`). Rejects when it fails, hangs, prints too much or prints no JSON.
   */
  ask(
    script: string,
    signal: AbortSignal,
    parameters?: readonly string[],
  ): Promise<Record<string, unknown> | undefined>;
}

export interface PowerShellOptions {
  /** Program and arguments before `-File`; Windows PowerShell, which every Windows Server has. */
  command?: readonly string[];
  scripts?: string;
  timeoutMs?: number;
  maxBytes?: number;
}

/** Cluster cmdlets that wait for a node that is down take minutes. */
const defaultTimeoutMs = 120_000;
const defaultMaxBytes = 16 * 1024 * 1024;

/** PowerShell through a queue that runs one at a time, at low priority, each with a deadline. */
export function createPowerShell(programs: ProgramQueue, options: PowerShellOptions = {}): PowerShell {
  const command = options.command ?? [
    win32.join(windowsFolder('SystemRoot'), 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe'),
    '-NoLogo',
    '-NoProfile',
    '-NonInteractive',
    '-ExecutionPolicy',
    'Bypass',
  ];
  const scripts = options.scripts ?? scriptsFolder;
  return {
    async ask(script, signal, parameters = []) {
      // As a file and not as text: an application control policy can then allow it by its hash.
      const answer = await programs.ask([...command, '-File', join(scripts, `${script}.ps1`), ...parameters], {
        timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
        maxBytes: options.maxBytes ?? defaultMaxBytes,
        signal,
      });
      if (answer.exitCode !== 0) {
        throw new Error(`${script}.ps1 ended with ${answer.exitCode}: ${firstLine(answer.errorText)}`);
      }
      const object = parseObject(answer.text, script);
      return typeof object.absent === 'string' ? undefined : object;
    },
  };
}

/** Names of the scripts that come with Sextant. */
export const scriptNames = (): string[] =>
  readdirSync(scriptsFolder)
    .filter((name) => name.endsWith('.ps1'))
    .map((name) => name.slice(0, -'.ps1'.length));

function parseObject(text: string, script: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new Error(`${script}.ps1 printed no JSON: ${firstLine(text) || 'nothing'}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${script}.ps1 printed no JSON object`);
  }
  return value as Record<string, unknown>;
}

const firstLine = (text: string): string => text.trim().split(/\r?\n/, 1)[0]?.slice(0, 300) ?? '';
