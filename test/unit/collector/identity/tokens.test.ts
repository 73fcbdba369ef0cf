import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTokens } from '../../../../collector/identity/tokens.ts';
import { openState } from '../../../../collector/state/state.ts';

const open = () => {
  const clock = { nowMs: 1_000_000 };
  const nowMs = () => clock.nowMs;
  const state = openState(mkdtempSync(join(tmpdir(), 'sextant-tokens-')), { nowMs });
  return { clock, state, tokens: createTokens(state, { nowMs }) };
};
const enroll = { kind: 'enroll', name: 'node', role: 'viewer', createdBy: 'tester' } as const;

test('a token is spent once', () => {
  const { tokens } = open();
  const { secret } = tokens.create(enroll);
  expect(tokens.check('enroll', secret).ok).toBe(true);
  expect(tokens.spend('enroll', secret, 'alpha').ok).toBe(true);
  expect(tokens.spend('enroll', secret, 'beta')).toEqual({ ok: false, why: 'used' });
});

test('an enrolment token lives an hour unless told otherwise', () => {
  const { tokens, clock } = open();
  const usual = tokens.create(enroll);
  const short = tokens.create({ ...enroll, ttlMs: 1000 });
  expect(usual.expiresUnixMs - clock.nowMs).toBe(3_600_000);
  clock.nowMs += 1000;
  expect(tokens.check('enroll', short.secret)).toEqual({ ok: false, why: 'expired' });
  expect(tokens.check('enroll', usual.secret).ok).toBe(true);
  clock.nowMs += 3_600_000;
  expect(tokens.spend('enroll', usual.secret, 'alpha')).toEqual({ ok: false, why: 'expired' });
});

test('a transaction that rolls back spends nothing', () => {
  const { tokens, state } = open();
  const { secret } = tokens.create(enroll);
  expect(() =>
    state.transaction(() => {
      expect(tokens.spend('enroll', secret, 'alpha').ok).toBe(true);
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(tokens.check('enroll', secret).ok).toBe(true);
});

test('a token is good for its own kind only', () => {
  const { tokens } = open();
  const { secret } = tokens.create({ ...enroll, kind: 'signin' });
  expect(tokens.check('enroll', secret)).toEqual({ ok: false, why: 'unknown' });
  expect(tokens.check('api', secret)).toEqual({ ok: false, why: 'unknown' });
});
