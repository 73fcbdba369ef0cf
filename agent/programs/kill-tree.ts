import { spawn } from 'node:child_process';
import { windowsFolder } from '../../config/environment.ts';

/** Kills a program and all that it has started: its process group, on Windows the tree of its children. */
export function killTree(pid: number, platform: NodeJS.Platform = process.platform): void {
  if (platform !== 'win32') {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    return;
  }
  const taskkill = `${windowsFolder('SystemRoot')}\\System32\\taskkill.exe`;
  const killer = spawn(taskkill, ['/PID', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
  killer.on('error', () => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  });
}
