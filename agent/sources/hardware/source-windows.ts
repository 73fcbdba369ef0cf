import { createPowerShell, type PowerShellOptions } from '../../powershell/powershell.ts';
import { createPolledSource } from '../poller.ts';
import type { Source, SourceContext } from '../source.ts';
import { hardwareMetrics } from './instruments.ts';
import { commonTasks, hardwareTask } from './tasks.ts';
import { createWheaCounter } from './whea-counter.ts';
import { reliabilityReadings } from './windows-disks.ts';
import { partReadings } from './windows-parts.ts';

const partsEveryMs = 10 * 60_000;

/** Disks, memory, adapters, batteries and hardware errors through PowerShell; GPUs, UPSes and BMCs as everywhere. */
export function createHardwareSource(
  context: SourceContext,
  options: { powerShell?: PowerShellOptions; placeOf?: (task: string) => number } = {},
): Source {
  const { programs } = context;
  const { hardware } = context.profile;
  const powerShell = createPowerShell(programs, options.powerShell);
  const whea = createWheaCounter(context.logs);
  return createPolledSource(context, {
    name: 'hardware',
    catalogue: hardwareMetrics,
    absent: hardware.enabled ? undefined : 'switched off in the profile',
    tasks: [
      ...(hardware.disks.enabled
        ? [
            hardwareTask('disks', hardware.disks.every, async (signal) => {
              const answer = await powerShell.ask('disk-reliability', signal);
              return answer && reliabilityReadings(answer);
            }),
          ]
        : []),
      hardwareTask('parts', partsEveryMs, async (signal) => {
        const answer = await powerShell.ask('hardware', signal, whea.parameters());
        return answer && [...partReadings(answer), ...whea.count(answer)];
      }),
      ...commonTasks(hardware, context),
    ],
    ...(options.placeOf && { placeOf: options.placeOf }),
  });
}
