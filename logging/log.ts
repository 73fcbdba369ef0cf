import { type Logger, pino } from 'pino';
import { errorFields } from './error-fields.ts';
import { journalDestination } from './journal-destination.ts';
import { isJournal } from './journal-stream.ts';

export type Log = Logger;

const stderr = 2;

/**
 * The program's own log: JSON lines on standard error, so that standard output stays what a command prints, or to
 * `destination`. In the systemd journal each has its priority. Fields that may hold a secret are removed before they are written.
 */
export function createLog(name: string, level: string, destination?: { write(line: string): void }): Log {
  return pino(
    {
      name,
      level,
      base: { name },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: errorFields },
      redact: {
        paths: [
          'token',
          'password',
          'secret',
          '*.token',
          '*.password',
          '*.secret',
          'headers.authorization',
          'headers.cookie',
        ],
        remove: true,
      },
    },
    destination ?? (isJournal(stderr) ? journalDestination(stderr) : pino.destination({ dest: stderr, sync: true })),
  );
}
