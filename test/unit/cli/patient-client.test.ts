import { expect, test } from 'vitest';
import type { ApiClient } from '../../../cli/api-client.ts';
import { createPatientClient } from '../../../cli/patient-client.ts';
import type { ErrorCode } from '../../../errors/registry.ts';
import { SextantError } from '../../../errors/sextant-error.ts';

/** A collector that answers each request with the next of `answers`: an error's code, or `ok`. */
function collector(answers: (ErrorCode | 'ok')[]) {
  const counts = { asked: 0, opened: 0, open: 0 };
  const open = (): ApiClient => {
    counts.opened += 1;
    counts.open += 1;
    return {
      get: async () => {
        const answer = answers[counts.asked++] ?? 'ok';
        if (answer !== 'ok') throw new SextantError(answer, `${answer} it said`);
        return { state: 'complete' };
      },
      close: async () => {
        counts.open -= 1;
      },
    } as unknown as ApiClient;
  };
  return { open, counts };
}

async function ask(answers: (ErrorCode | 'ok')[], patienceMs = 60_000) {
  const { open, counts } = collector(answers);
  const waits: string[] = [];
  const stop = new AbortController();
  const client = createPatientClient(
    open,
    { signal: stop.signal, onWait: (reason) => waits.push(reason) },
    { patienceMs, everyMs: 1 },
  );
  const answer = await client.get('bundles/1').catch((error: SextantError) => error.code);
  await client.close();
  return { answer, waits, ...counts };
}

const complete = { state: 'complete' };

test('waits for a collector that starts again, with its new token, and says so once', async () => {
  expect(await ask(['SX_NO_COLLECTOR', 'SX_UNAVAILABLE', 'SX_UNAUTHENTICATED', 'ok'])).toEqual({
    answer: complete,
    waits: ['SX_NO_COLLECTOR it said'],
    asked: 4,
    opened: 4,
    open: 0,
  });
});

test('gives up after its patience, and at once for what no waiting mends', async () => {
  const away = Array.from({ length: 1000 }, (): ErrorCode => 'SX_NO_COLLECTOR');
  expect((await ask(away, 20)).answer).toBe('SX_NO_COLLECTOR');
  for (const code of ['SX_UNAUTHENTICATED', 'SX_NOT_FOUND', 'SX_BUNDLE_FAILED'] as const) {
    expect(await ask([code])).toMatchObject({ answer: code, asked: 1, waits: [] });
  }
});
