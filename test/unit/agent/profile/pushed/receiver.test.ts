import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Profile } from '../../../../../agent/profile/profile.ts';
import { answerProfile } from '../../../../../agent/profile/pushed/answer.ts';
import { heldFile } from '../../../../../agent/profile/pushed/held-file.ts';
import { createProfileReceiver, type ProfileReceiver } from '../../../../../agent/profile/pushed/receiver.ts';
import { signMinisign } from '../../../../../bundle/minisign.ts';
import { keyIdText, type MinisignSecretKey } from '../../../../../bundle/minisign-key.ts';
import type { AgentMessage, CollectorMessage } from '../../../../../protocol/control.ts';
import { keyStatement, type ProfilesAnswer } from '../../../../../protocol/pushed-profile.ts';
import { makeKey, profile, signed } from './site.ts';

const log = pino({ level: 'silent' });
const patient = { timeout: 20_000, interval: 5 };
let dataDir: string;
let own: string;
let receiver: ProfileReceiver | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-pushed-'));
  own = join(dataDir, 'own.yaml');
  writeFileSync(own, 'name: own\ndescription: d\nmetrics: { enabled: true }\n');
});
afterEach(async () => {
  await receiver?.close();
  receiver = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

/** An agent's receiver on what is on disk, and the collector's side of it. */
function node(believedKey: string | undefined, more: { enabled?: boolean } = {}) {
  const handlers: ((message: CollectorMessage) => void)[] = [];
  const messages: AgentMessage[] = [];
  const told: string[] = [];
  const site: { answer: ProfilesAnswer | undefined; applied: Profile[]; pinned: string | undefined } = {
    answer: undefined,
    applied: [],
    pinned: believedKey,
  };
  let tag = 0;
  const readWith = async (file: string, key: string | undefined) =>
    answerProfile({
      names: [own],
      dataDir,
      pushed: { file, believedKey: key, node: 'n1', allowed: [] },
    });
  const start = async () => {
    const { pushed, roles } = await readWith(heldFile(dataDir), site.pinned);
    receiver = createProfileReceiver(
      {
        link: {
          send: (message) => messages.push(message) > 0,
          onMessage: (handler) => {
            handlers.splice(0, handlers.length, handler);
            return () => {};
          },
          onConnect: () => () => {},
        },
        client: {
          request: async () => {
            if (!site.answer) throw new Error('away');
            return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(site.answer)) };
          },
        },
        readWith,
        apply: async (next) => {
          site.applied.push(next);
        },
        pin: (key) => {
          site.pinned = key;
        },
        tell: (text) => told.push(text),
        nowMs: Date.now,
        log,
      },
      {
        dataDir,
        enabled: more.enabled ?? true,
        believedKey: site.pinned,
        outcomes: pushed,
        roles,
        ready: Promise.resolve(),
      },
    );
    receiver.start();
  };
  const offer = async (answer: ProfilesAnswer) => {
    site.answer = answer;
    const before = messages.length;
    for (const handler of handlers) handler({ type: 'profiles', tag: `${++tag}` });
    await vi.waitFor(() => expect(messages.length).toBeGreaterThan(before), patient);
    return receiver?.state();
  };
  return { site, told, messages, start, offer };
}

const keysOf = (...keys: MinisignSecretKey[]) =>
  keys.map((key, at) => {
    const before = keys[at - 1];
    const { line } = key.publicKey;
    return {
      publicKey: line,
      signature: before ? signMinisign(Buffer.from(keyStatement(line)), before, 'x') : null,
    };
  });
const idOf = (key: MinisignSecretKey) => keyIdText(key.keyId);
const slow = 'metrics: { interval: 1m }';

test('believes the first key it is shown, takes what it signed, and has it again after a restart', async () => {
  const key = makeKey();
  const { site, start, offer, told, messages } = node(undefined);
  await start();
  const state = await offer({ keys: keysOf(key), profiles: [signed(profile('slow', slow), key)] });
  expect(state).toEqual({ keyId: idOf(key), profiles: [{ name: 'slow', version: 1, state: 'applied' }] });
  expect(site.applied.map(({ metrics }) => metrics.interval)).toEqual([60_000]);
  expect(site.pinned).toBe(key.publicKey.line);
  expect(told).toEqual(['pushed profiles in effect: slow v1']);
  expect(messages.at(-1)).toEqual({ type: 'profile-report', ...state, roles: ['own'] });
  await receiver?.close();
  site.answer = undefined;
  await start();
  expect(receiver?.state().profiles).toEqual([{ name: 'slow', version: 1, state: 'applied' }]);
});

test('refuses another key, a forged document and one that was changed, and keeps what it has', async () => {
  const [key, other] = [makeKey(), makeKey()];
  const { site, start, offer } = node(key.publicKey.line);
  await start();
  const good = signed(profile('slow', slow), key);
  await offer({ keys: keysOf(key), profiles: [good] });
  const wrongKey = await offer({ keys: keysOf(other), profiles: [signed(profile('slow', slow), other)] });
  expect(wrongKey?.error).toContain(`key ${idOf(other)} of pushed profiles is not the key ${idOf(key)}`);
  const forged = signed(profile('slow', 'metrics: { interval: 2m }', { version: 2 }), other);
  const changed = { ...good, document: good.document.replace('1m', '9m').replace('"slow"', '"fast"') };
  const state = await offer({ keys: keysOf(key), profiles: [good, forged, changed] });
  expect(state?.profiles).toEqual([
    { name: 'slow', version: 1, state: 'applied' },
    { name: 'slow', version: 2, state: 'refused', reason: expect.stringContaining('signed by key') },
    { name: 'fast', version: 1, state: 'refused', reason: 'the signature does not fit' },
  ]);
  expect(site.applied).toHaveLength(1);
  expect(site.pinned).toBe(key.publicKey.line);
});

test('follows a key that the one before vouches for, also over several changes, and no other', async () => {
  const [first, second, third, stranger] = [makeKey(), makeKey(), makeKey(), makeKey()];
  const { site, start, offer } = node(first.publicKey.line);
  await start();
  const content = profile('slow', slow);
  await offer({ keys: keysOf(first), profiles: [signed(content, first)] });
  const broken = [...keysOf(first), ...keysOf(stranger, second).slice(1)];
  expect((await offer({ keys: broken, profiles: [signed(content, second)] }))?.error).toContain('does not hold');
  expect(site.pinned).toBe(first.publicKey.line);
  const state = await offer({ keys: keysOf(first, second, third), profiles: [signed(content, third)] });
  expect(state).toEqual({ keyId: idOf(third), profiles: [{ name: 'slow', version: 1, state: 'applied' }] });
  // Cut off between the two writes: the profiles are there, the key is not.
  site.pinned = first.publicKey.line;
  await receiver?.close();
  await start();
  expect(receiver?.state().profiles).toEqual([{ name: 'slow', version: 1, state: 'applied' }]);
  // The key that was given up signs no more.
  await receiver?.close();
  site.pinned = third.publicKey.line;
  await start();
  const late = signed(profile('slow', 'metrics: { interval: 3m }', { version: 9 }), second);
  expect((await offer({ keys: keysOf(first, second, third), profiles: [late] }))?.profiles).toContainEqual(
    expect.objectContaining({ version: 9, state: 'refused' }),
  );
});

test('never goes back to an older version, nor to another content of the same one, not even after a withdrawal', async () => {
  const key = makeKey();
  const { site, start, offer } = node(key.publicKey.line);
  await start();
  const keys = keysOf(key);
  const one = signed(profile('slow', slow), key);
  const two = signed(profile('slow', 'metrics: { interval: 2m }', { version: 2 }), key);
  const twin = signed(profile('slow', 'metrics: { interval: 3m }', { version: 2 }), key);
  const gone = signed(profile('slow', '', { version: 3, withdrawn: true }), key);
  await offer({ keys, profiles: [two] });
  expect((await offer({ keys, profiles: [one] }))?.profiles[1]?.reason).toContain('older than version 2');
  expect((await offer({ keys, profiles: [twin] }))?.profiles[1]?.reason).toContain('another content');
  await receiver?.close();
  await start();
  expect((await offer({ keys, profiles: [one] }))?.profiles[0]).toMatchObject({ version: 2, state: 'applied' });
  expect((await offer({ keys, profiles: [gone] }))?.profiles).toEqual([
    { name: 'slow', version: 3, state: 'withdrawn' },
  ]);
  expect(site.applied.at(-1)?.metrics.interval).toBe(10_000);
  expect((await offer({ keys, profiles: [two] }))?.profiles).toMatchObject([
    { version: 3, state: 'withdrawn' },
    { version: 2, state: 'refused' },
  ]);
  expect(site.applied.at(-1)?.metrics.interval).toBe(10_000);
});

test('takes each profile whole or not at all; one that is refused leaves its earlier version and the others', async () => {
  const key = makeKey();
  const { site, start, offer, told } = node(key.publicKey.line);
  await start();
  const keys = keysOf(key);
  await offer({ keys, profiles: [signed(profile('slow', slow), key)] });
  const state = await offer({
    keys,
    profiles: [
      signed(
        profile(
          'slow',
          'metrics: { interval: 5m }\nbundle: { x: { description: d, items: [{ name: c, command: [id] }] } }',
          { version: 2 },
        ),
        key,
      ),
      signed(profile('top', 'metrics: { processes: { top: 1 } }'), key),
    ],
  });
  expect(state?.profiles).toEqual([
    { name: 'slow', version: 1, state: 'applied' },
    { name: 'top', version: 1, state: 'applied' },
    { name: 'slow', version: 2, state: 'refused', reason: expect.stringContaining('needs `programs`') },
  ]);
  expect(site.applied.at(-1)?.metrics).toMatchObject({ interval: 60_000, processes: { top: 1 } });
  expect(site.applied.at(-1)?.bundle).toEqual({});
  expect(told).toContainEqual(expect.stringContaining('slow v2 was refused'));
});

test('does without a profile from its end on', async () => {
  // On the test's own clock: until it is moved on, the end does not come, however long the rest takes.
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const key = makeKey();
  const { site, start, offer } = node(key.publicKey.line);
  await start();
  const hourMs = 3_600_000;
  await offer({
    keys: keysOf(key),
    profiles: [signed(profile('slow', slow, { expiresUnixMs: Date.now() + hourMs }), key)],
  });
  expect(site.applied.at(-1)?.metrics.interval).toBe(60_000);
  await vi.advanceTimersByTimeAsync(hourMs);
  await vi.waitFor(() => expect(site.applied.at(-1)?.metrics.interval).toBe(10_000), patient);
  expect(receiver?.state().profiles).toEqual([{ name: 'slow', version: 1, state: 'expired' }]);
});

test('what was changed on disk is not believed, and fetched anew', async () => {
  const key = makeKey();
  const { start, offer, site, told } = node(key.publicKey.line);
  await start();
  const answer = { keys: keysOf(key), profiles: [signed(profile('slow', slow), key)] };
  await offer(answer);
  await receiver?.close();
  told.splice(0);
  const text = readFileSync(heldFile(dataDir), 'utf8');
  for (const damage of [text.replace('interval: 1m', 'interval: 2m'), text.slice(0, -20), '{}', 'null']) {
    writeFileSync(heldFile(dataDir), damage);
    await start();
    expect(receiver?.state().profiles, damage).toEqual([]);
    expect(told, damage).toEqual([expect.stringMatching(/^pushed profiles that this node kept .*are not in effect/)]);
    expect((await offer(answer))?.profiles).toEqual([{ name: 'slow', version: 1, state: 'applied' }]);
    await receiver?.close();
    told.splice(0);
  }
  expect(site.applied.at(-1)?.metrics.interval).toBe(60_000);
});

test('a node whose own configuration says so takes nothing, and says why', async () => {
  const { site, start } = node(makeKey().publicKey.line, { enabled: false });
  await start();
  expect(receiver?.state()).toMatchObject({ error: expect.stringContaining('agent.profiles.pushed'), profiles: [] });
  expect(site.applied).toEqual([]);
});
