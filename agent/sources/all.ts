import { createClusterSource } from './cluster/source-windows.ts';
import { createEventLogSource } from './event-log/source-windows.ts';
import { createFilesSource } from './files/source.ts';
import { createHardwareSource as createLinuxHardware } from './hardware/source-linux.ts';
import { createHardwareSource as createWindowsHardware } from './hardware/source-windows.ts';
import { createHostSource } from './host/source-linux.ts';
import { createHypervSource } from './hyperv/source-windows.ts';
import { createJournaldSource } from './journald/source-linux.ts';
import { lazily } from './lazy-source.ts';
import { createProbesSource } from './probes/source.ts';
import type { SourceFactory } from './source.ts';

const files: SourceFactory = { name: 'files', sections: ['files'], create: createFilesSource };
const probes: SourceFactory = { name: 'probes', sections: ['probes'], create: createProbesSource };

const linux: readonly SourceFactory[] = [
  { name: 'host', sections: ['metrics'], create: createHostSource },
  { name: 'hardware', sections: ['hardware'], create: createLinuxHardware },
  { name: 'journald', sections: ['journal'], create: createJournaldSource },
  probes,
  files,
];

const windows: readonly SourceFactory[] = [
  {
    name: 'host',
    sections: ['metrics'],
    create: lazily(async () => (await import('./host/source-windows.ts')).createHostSource, 'host'),
  },
  {
    name: 'counters',
    sections: ['counters'],
    create: lazily(async () => {
      const { createCountersSource } = await import('./counters/source-windows.ts');
      const { openCounterQuery } = await import('../windows/pdh.ts');
      return (context) => createCountersSource(context, openCounterQuery);
    }, 'counters'),
  },
  { name: 'hardware', sections: ['hardware'], create: createWindowsHardware },
  { name: 'cluster', sections: ['cluster'], create: createClusterSource },
  { name: 'hyperv', sections: ['hyperv'], create: createHypervSource },
  { name: 'event-log', sections: ['eventLog'], create: createEventLogSource },
  probes,
  files,
];

/** Every source that a platform may have, in the order in which they start. */
export function sourcesOf(platform: NodeJS.Platform = process.platform): readonly SourceFactory[] {
  if (platform === 'linux') return linux;
  return platform === 'win32' ? windows : [files];
}
