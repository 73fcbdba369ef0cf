import { number, rows, text, unixMs } from '../../powershell/json-values.ts';
import type { PowerShell } from '../../powershell/powershell.ts';
import type { LocalState } from './local-state.ts';

/** Service manager, processes and certificate stores through PowerShell. */
export function createWindowsState(powerShell: PowerShell): LocalState {
  // One argument each, separated by commas, which neither services nor programs have in their names; none is a dot.
  const ask = (services: readonly string[], processes: readonly string[], signal: AbortSignal) =>
    powerShell.ask('services', signal, [listed(services), listed(processes.map(withoutExe))]);
  return {
    async services(names, signal) {
      const answer = await ask(names, [], signal);
      const states = rows(answer?.services).map((row) => [text(row.name) ?? '', stateName(text(row.state))] as const);
      return answer && new Map(states);
    },
    async processes(names, signal) {
      const answer = await ask([], names, signal);
      const counts = new Map(rows(answer?.processes).map((row) => [text(row.name) ?? '', number(row.count) ?? 0]));
      return new Map(names.map((name) => [name, counts.get(withoutExe(name)) ?? 0]));
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

const listed = (names: readonly string[]): string => names.join(',') || '.';

const withoutExe = (name: string): string => name.replace(/\.exe$/i, '');

function stateName(state: string | undefined): string {
  if (state === 'NotFound' || state === undefined) return 'not_found';
  return state.toLowerCase();
}
