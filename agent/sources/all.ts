import { createAbsentSource } from './absent-source.ts';
import { createFilesSource } from './files/source.ts';
import { createHardwareSource } from './hardware/source-linux.ts';
import { createHostSource } from './host/source-linux.ts';
import { createJournaldSource } from './journald/source-linux.ts';
import type { Source, SourceContext } from './source.ts';

/** Every source of this machine, in the order in which they start. What the platform lacks is there as `absent`. */
export function createSources(context: SourceContext, platform: NodeJS.Platform = process.platform): Source[] {
  const linux = platform === 'linux';
  return [
    linux ? createHostSource(context) : createAbsentSource('host', `not implemented on ${platform}`),
    linux ? createHardwareSource(context) : createAbsentSource('hardware', `not implemented on ${platform}`),
    linux ? createJournaldSource(context) : createAbsentSource('journald', 'there is no journal on this platform'),
    createFilesSource(context),
  ];
}
