import { Cron } from 'croner';
import { SextantError } from '../../errors/sextant-error.ts';

/** The times that a cron expression of five fields names, in UTC as all times of Sextant. */
export interface CronTimes {
  /** Undefined when there is none. */
  next(afterUnixMs: number): number | undefined;
}

/** Throws SX_BAD_REQUEST for what is no such expression, and for one that never comes, such as the 30th of February. */
export function parseCron(text: string, nowMs: number): CronTimes {
  let cron: Cron;
  try {
    cron = new Cron(text, { paused: true, mode: '5-part', timezone: 'UTC' });
  } catch (cause) {
    throw new SextantError('SX_BAD_REQUEST', `cron: cannot read “${text}”: ${(cause as Error).message}`, {
      cause,
      nextStep: 'write minute, hour, day of the month, month and day of the week in UTC, such as “0 3 * * *”',
    });
  }
  const next = (afterUnixMs: number): number | undefined => cron.nextRun(new Date(afterUnixMs))?.getTime();
  if (next(nowMs) === undefined)
    throw new SextantError('SX_BAD_REQUEST', `cron: “${text}” never comes`, {
      nextStep: 'write a time that comes, such as “0 3 * * *”',
    });
  return { next };
}
