import { rows, text, unixMs } from '../../powershell/json-values.ts';
import type { PowerShell } from '../../powershell/powershell.ts';
import type { LocalState } from './local-state.ts';

/** The service manager and the list of processes, which cost nothing to ask; certificate stores through PowerShell. */
export function createWindowsState(powerShell: PowerShell): LocalState {
  return {
    async services(names) {
      // Here alone: these libraries are not there on every platform.
      const { serviceStates } = await import('../../windows/service-state.ts');
      return serviceStates(names);
    },
    async processes(names) {
      const { readProcesses } = await import('../host/windows/process-list.ts');
      const running = readProcesses().map(({ name }) => programName(name));
      return new Map(names.map((name) => [name, running.filter((program) => program === programName(name)).length]));
    },
    async certificates(store, signal) {
      const answer = await powerShell.ask('certificates', signal, [store]);
      return rows(answer?.certificates).flatMap((row) => {
        const expiresMs = unixMs(row.NotAfter);
        if (expiresMs === undefined) return [];
        return [
          {
            subject: text(row.Subject) ?? '',
            issuer: text(row.Issuer) ?? '',
            thumbprint: text(row.Thumbprint) ?? '',
            beginsMs: unixMs(row.NotBefore) ?? 0,
            expiresMs,
          },
        ];
      });
    },
  };
}

/** As people write it, with its ending or without. */
const programName = (name: string): string => name.toLowerCase().replace(/\.exe$/, '');
