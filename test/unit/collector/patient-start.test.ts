import { expect, test } from 'vitest';
import { startWhenThereIsSpace } from '../../../collector/patient-start.ts';
import { SextantError } from '../../../errors/sextant-error.ts';
import { silentLog } from './api/site.ts';

const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
const never = new AbortController().signal;

test('a start on a full disk is tried again until there is space', async () => {
  const failures = [full(), new SextantError('SX_DATA_FOLDER', 'cannot open state.db', { cause: full() })];
  const start = async () => {
    const failure = failures.pop();
    if (failure) throw failure;
    return 'started';
  };
  expect(await startWhenThereIsSpace(start, { log: silentLog, stopped: never, retryEveryMs: 1 })).toBe('started');
});

test('what a full disk has nothing to do with is thrown at once', async () => {
  const start = async () => {
    throw new SextantError('SX_PORT_TAKEN', 'port 8443 is in use');
  };
  const started = startWhenThereIsSpace(start, { log: silentLog, stopped: never, retryEveryMs: 1 });
  await expect(started).rejects.toMatchObject({ code: 'SX_PORT_TAKEN' });
});

test('whoever is told to stop meanwhile does not wait for space', async () => {
  const stop = new AbortController();
  const start = async () => {
    stop.abort();
    throw full();
  };
  const started = startWhenThereIsSpace(start, { log: silentLog, stopped: stop.signal, retryEveryMs: 60_000 });
  await expect(started).rejects.toMatchObject({ code: 'SX_DISK_FULL' });
});
