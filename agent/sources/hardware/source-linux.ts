import { findProgram } from '../../programs/find-program.ts';
import type { ProgramQueue } from '../../programs/program-queue.ts';
import { combineSources } from '../combined-source.ts';
import { createPolledSource } from '../poller.ts';
import type { Source, SourceContext } from '../source.ts';
import { hardwareMetrics } from './instruments.ts';
import { readNvme } from './nvme-cli.ts';
import { readPciErrors } from './pci-errors.ts';
import { createSensorsSource } from './sensors.ts';
import { readSmart } from './smartctl.ts';
import { createSysfs, type Sysfs } from './sysfs.ts';
import { commonTasks, hardwareTask, withProgram } from './tasks.ts';
import { createXidCounter } from './xid.ts';

const pciEveryMs = 5 * 60_000;

/** Sensors of /sys at every sample; disks, GPUs, UPSes and the BMC through their programs, each at its own interval. */
export function createHardwareSource(
  context: SourceContext,
  options: { sysRoot?: string; kernelLog?: string; placeOf?: (task: string) => number } = {},
): Source {
  const sys = createSysfs(options.sysRoot ?? '/sys', context.questions);
  const { programs } = context;
  const { hardware } = context.profile;
  const xid = createXidCounter(options.kernelLog);
  const { disks, gpus } = hardware;

  const slow = createPolledSource(context, {
    name: 'hardware',
    catalogue: hardwareMetrics,
    absent: hardware.enabled ? undefined : 'switched off in the profile',
    tasks: [
      ...(disks.enabled ? [hardwareTask('disks', disks.every, (signal) => readDisks(programs, sys, signal))] : []),
      ...(gpus.enabled
        ? [
            hardwareTask(
              'gpu errors',
              gpus.every,
              withProgram('nvidia-smi', async () => xid.read()),
            ),
          ]
        : []),
      hardwareTask('pci errors', pciEveryMs, async () => {
        const readings = await readPciErrors(sys);
        return readings.length > 0 ? readings : undefined;
      }),
      ...commonTasks(hardware, context),
    ],
    ...(options.placeOf && { placeOf: options.placeOf }),
  });
  const combined = combineSources('hardware', [createSensorsSource(context, sys), slow]);
  return {
    ...combined,
    async close() {
      await combined.close();
      xid.close();
    },
  };
}

/** smartctl knows every kind of disk; nvme-cli stands in where only that is installed. */
async function readDisks(programs: ProgramQueue, sys: Sysfs, signal: AbortSignal) {
  const smartctl = findProgram('smartctl');
  const nvme = findProgram('nvme');
  const readings = smartctl
    ? await readSmart(smartctl, programs, signal)
    : nvme
      ? await readNvme(nvme, programs, { sys, signal })
      : [];
  return readings.length > 0 ? readings : undefined;
}
