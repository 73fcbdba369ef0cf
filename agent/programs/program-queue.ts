import { askProgram, type ProgramAnswer, type ProgramLimits } from './ask-program.ts';

/** More than all sources together have to ask; beyond it something is wrong. */
const maxWaiting = 64;

export interface ProgramQueue {
  /** As `askProgram`, after all that was asked before has ended: never two programs at once. */
  ask(command: readonly string[], limits: ProgramLimits): Promise<ProgramAnswer>;
}

/** Runs programs one at a time, so that a machine never feels more than one of them. */
export function createProgramQueue(): ProgramQueue {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    ask(command, limits) {
      if (waiting >= maxWaiting) return Promise.reject(new Error('too many programs wait for their turn'));
      waiting += 1;
      const answer = last.then(() => {
        limits.signal.throwIfAborted();
        return askProgram(command, limits);
      });
      last = answer
        .catch(() => undefined)
        .finally(() => {
          waiting -= 1;
        });
      return answer;
    },
  };
}
