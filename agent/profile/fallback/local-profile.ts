import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../../durable/atomic-write.ts';
import type { Log } from '../../../logging/log.ts';
import type { SourceHealth } from '../../../protocol/control.ts';
import { profileSource } from '../../../protocol/profile-source.ts';
import type { OwnEvent } from '../../own-events.ts';
import type { ReadProfile } from '../read.ts';
import type { LocalFault } from './fall-back.ts';
import { keptFile } from './kept-file.ts';

const maxDetailChars = 1024;
/** More than a person corrects at once. */
const maxFaultChars = 8_000;
const toDo = 'correct the lines and start the agent again; `sextant agent explain` says whether all is well';

/**
 * Knows whether the node's own profile has a fault, says so wherever somebody may look, and keeps the layers that have
 * none for when they have.
 */
export function createLocalProfile(
  { tell, log }: { tell(event: OwnEvent): void; log: Log },
  options: { dataDir: string },
) {
  const file = keptFile(options.dataDir);
  let told: string | undefined;
  let fault: LocalFault | undefined;
  let last: ReadProfile | undefined;

  function keep(local: string): void {
    try {
      if (readKept() === local) return;
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileAtomic(file, local);
    } catch (error) {
      log.warn({ err: error }, 'the profile could not be kept; should its files get a fault, less may be collected');
    }
  }
  function readKept(): string | undefined {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  }

  const textOf = ({ text, instead }: LocalFault): string => {
    const shown = text.length > maxFaultChars ? `${text.slice(0, maxFaultChars)}\n  …` : text;
    return `${shown}\n${instead}; ${toDo}`;
  };

  function take(next: LocalFault | undefined): void {
    fault = next;
    const text = next && textOf(next);
    if (text === told) return;
    told = text;
    const eventName = 'sextant.agent.profile.fault';
    if (text === undefined) {
      const body = 'the node’s own profile has no fault any more';
      log.info(body);
      tell({ eventName, body, severity: 'info' });
      return;
    }
    log.error({ off: next?.off }, text);
    tell({ eventName, body: text, severity: 'error' });
  }

  return {
    /** Takes what was read. A fault is told at once; its end only when `inEffect` says that this is what runs. */
    found(read: ReadProfile): void {
      last = read;
      if (read.local !== undefined) keep(read.local);
      if (read.fault) take(read.fault);
    },
    inEffect(): void {
      take(last?.fault);
    },
    /** The fault of what runs. */
    current: (): LocalFault | undefined => fault,
    /** What is wrong, what holds and what to do; null when all is well. */
    fault: (): string | null => (fault ? textOf(fault) : null),
    /** For the collector: one more source, which fails, while there is a fault. */
    health: (): SourceHealth[] =>
      fault
        ? [
            {
              name: profileSource,
              state: 'failing',
              records: 0,
              dropped: 0,
              detail: `${fault.instead}. ${fault.text}`.slice(0, maxDetailChars),
            },
          ]
        : [],
  };
}
