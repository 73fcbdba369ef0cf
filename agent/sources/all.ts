import { createAbsentSource } from './absent-source.ts';
import { createEventLogSource } from './event-log/source-windows.ts';
import { createFilesSource } from './files/source.ts';
import { createHardwareSource } from './hardware/source-linux.ts';
import { createHostSource } from './host/source-linux.ts';
import { createJournaldSource } from './journald/source-linux.ts';
import { lazily } from './lazy-source.ts';
import type { SourceFactory } from './source.ts';

const files: SourceFactory = { name: 'files', sections: ['files'], create: createFilesSource };

const linux: readonly SourceFactory[] = [
  { name: 'host', sections: ['metrics'], create: createHostSource },
  { name: 'hardware', sections: ['hardware'], create: createHardwareSource },
  { name: 'journald', sections: ['journal'], create: createJournaldSource },
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
  {
    name: 'hardware',
    sections: ['hardware'],
    create: () => createAbsentSource('hardware', 'not implemented on win32'),
  },
  { name: 'event-log', sections: ['eventLog'], create: createEventLogSource },
  files,
];

/** Every source that a platform may have, in the order in which they start. */
export function sourcesOf(platform: NodeJS.Platform = process.platform): readonly SourceFactory[] {
  if (platform === 'linux') return linux;
  return platform === 'win32' ? windows : [files];
}
