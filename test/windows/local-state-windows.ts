import { setTimeout as pause } from 'node:timers/promises';
import { createWindowsState } from '../../agent/sources/probes/local-state-windows.ts';

/** Runs under Wine: what probes learn of services and processes. No PowerShell is there to be asked. */
const state = createWindowsState({ ask: () => Promise.reject(new Error('there is no PowerShell')) });
const { signal } = new AbortController();
// Wine begins its own services when the first program asks for one.
for (let tries = 0; tries < 100; tries += 1) {
  if ((await state.services(['PlugPlay'], signal))?.get('PlugPlay') === 'running') break;
  await pause(200);
}
console.log(
  JSON.stringify({
    services: [...((await state.services(['RpcSs', 'PlugPlay', 'no such service', 'A:\\/*'], signal)) ?? [])],
    processes: [...(await state.processes(['NODE', 'node.exe', 'no-such-program'], signal))],
  }),
);
