import { createPowerShell, type PowerShellOptions } from '../../powershell/powershell.ts';
import { virtualMachineMetrics } from '../azure-local-metrics.ts';
import { createPolledSource } from '../poller.ts';
import type { Source, SourceContext } from '../source.ts';
import { machineSamples, virtualHardDiskSamples } from './virtual-machines.ts';

/** Virtual machines of this Hyper-V host through PowerShell. */
export function createHypervSource(
  context: SourceContext,
  options: { powerShell?: PowerShellOptions; placeOf?: (task: string) => number } = {},
): Source {
  const { hyperv } = context.profile;
  const powerShell = createPowerShell(context.programs, options.powerShell);
  return createPolledSource(context, {
    name: 'hyperv',
    catalogue: virtualMachineMetrics,
    absent: hyperv.enabled ? undefined : 'switched off in the profile',
    tasks: [
      {
        name: 'virtual machines',
        everyMs: hyperv.every,
        async ask(signal) {
          const answer = await powerShell.ask('virtual-machines', signal);
          return answer && { samples: machineSamples(answer) };
        },
      },
      {
        name: 'virtual disks',
        everyMs: hyperv.disksEvery,
        async ask(signal) {
          const answer = await powerShell.ask('virtual-disks', signal);
          return answer && { samples: virtualHardDiskSamples(answer) };
        },
      },
    ],
    ...(options.placeOf && { placeOf: options.placeOf }),
  });
}
