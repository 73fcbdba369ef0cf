import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PowerShellOptions } from '../../../../agent/powershell/powershell.ts';

/** A folder of scripts for the stand-in of PowerShell, a program of its own; `write` says what a script does. */
export function createStandIn(): {
  folder: string;
  options: PowerShellOptions;
  write(script: string, order: Record<string, unknown>): void;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'sx-powershell-'));
  mkdirSync(folder, { recursive: true });
  return {
    folder,
    options: {
      command: [process.execPath, fileURLToPath(new URL('./stand-in.js', import.meta.url)), '-NoProfile'],
      scripts: folder,
    },
    write: (script, order) => writeFileSync(join(folder, `${script}.ps1`), JSON.stringify(order)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
