import { findProgram } from '../../programs/find-program.ts';
import type { PolledTask } from '../poller.ts';
import type { SourceContext } from '../source.ts';
import { type HardwareMetric, type HardwareReading, toSamples } from './instruments.ts';
import { readIpmi } from './ipmi.ts';
import { readNut } from './nut.ts';
import { readNvidia } from './nvidia.ts';
import { createRedfishClient } from './redfish/client.ts';
import { readRedfish } from './redfish/read.ts';

type HardwareTask = PolledTask<HardwareMetric>;
type Section = SourceContext['profile']['hardware'];

/** A task that asks for readings; undefined stays undefined: the machine has nothing of the kind. */
export const hardwareTask = (
  name: string,
  everyMs: number,
  read: (signal: AbortSignal) => Promise<HardwareReading[] | undefined>,
): HardwareTask => ({
  name,
  everyMs,
  async ask(signal) {
    const readings = await read(signal);
    return readings && { samples: toSamples(readings) };
  },
});

/** A program that is looked for each time, so that one that is installed later is found. */
export const withProgram =
  (
    name: string,
    read: (program: string, signal: AbortSignal) => Promise<HardwareReading[] | undefined>,
  ): ((signal: AbortSignal) => Promise<HardwareReading[] | undefined>) =>
  async (signal) => {
    const program = findProgram(name);
    return program === undefined ? undefined : read(program, signal);
  };

/** What is asked on every platform: GPUs, UPSes, the BMC. */
export function commonTasks(
  section: Section,
  { programs, fileQuestions }: Pick<SourceContext, 'programs' | 'fileQuestions'>,
): HardwareTask[] {
  const { gpus, ups, ipmi } = section;
  return [
    ...(gpus.enabled
      ? [
          hardwareTask(
            'gpus',
            gpus.every,
            withProgram('nvidia-smi', (program, signal) => readNvidia(program, programs, signal)),
          ),
        ]
      : []),
    ...(ups.enabled
      ? [
          hardwareTask(
            'ups',
            ups.every,
            withProgram('upsc', (program, signal) => readNut(program, programs, signal)),
          ),
        ]
      : []),
    ...(ipmi.enabled
      ? [
          hardwareTask(
            'ipmi',
            ipmi.every,
            withProgram('ipmitool', (program, signal) => readIpmi(program, programs, signal)),
          ),
        ]
      : []),
    ...section.redfish
      .filter(({ enabled = true }) => enabled)
      .map((endpoint) =>
        hardwareTask(`redfish ${endpoint.name}`, endpoint.every ?? 60_000, async (signal) => {
          const client = await createRedfishClient(endpoint, fileQuestions, { signal });
          try {
            return await readRedfish(client, endpoint.name);
          } finally {
            client.close();
          }
        }),
      ),
  ];
}
