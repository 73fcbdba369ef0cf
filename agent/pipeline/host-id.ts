import { readFileSync } from 'node:fs';

/**
 * An id of this machine that survives a change of its name: the systemd machine id, on Windows the MachineGuid;
 * undefined where there is none.
 */
export async function hostId(): Promise<string | undefined> {
  try {
    if (process.platform === 'win32') return (await import('../windows/machine-guid.ts')).machineGuid();
    return readFileSync('/etc/machine-id', 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
