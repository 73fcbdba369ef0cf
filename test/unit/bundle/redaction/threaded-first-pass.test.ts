import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFirstPass } from '../../../../bundle/redaction/first-pass/first-pass.ts';
import {
  createThreadedFirstPass,
  type ThreadedFirstPass,
} from '../../../../bundle/redaction/first-pass/threaded-first-pass.ts';
import type { RedactionTally } from '../../../../bundle/redaction/profile.ts';
import { createRedactionParts } from '../../../../bundle/redaction/redaction-parts.ts';
import { createRedactor, type Redactor } from '../../../../bundle/redaction/redactor.ts';
import { plantedTexts } from './planted.ts';

const key = Buffer.alloc(32, 7);
const names = [
  { kind: 'host', name: 'hv7' },
  { kind: 'user', name: 'jdoe' },
] as const;
const options = { key, profile: 'standard', names } as const;

const inTurn = createRedactor(options);
let thread: ThreadedFirstPass | undefined;
const startedByHand: typeof createThreadedFirstPass = (...all) => {
  thread = createThreadedFirstPass(...all);
  return thread;
};
const threaded = createRedactor({ ...options, firstPass: startedByHand });
beforeAll(() => thread?.start());
afterAll(() => threaded.close());

const lines = plantedTexts().filter(({ encoding }) => encoding === undefined);
const wholeText = Buffer.from(
  Array.from({ length: 12 }, (_, round) => lines.map(({ text }) => `${round} hv7 ${text}\n`).join('')).join(''),
);

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  // One memory for all, as a reader of files has it.
  const memory = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(memory, 0, at, at + size);
    yield memory.subarray(0, length);
  }
}

async function redacted(
  redactor: Redactor,
  bytes: Buffer,
  size: number,
): Promise<{ text: string; tally: RedactionTally }> {
  const tally: RedactionTally = {};
  const out: Buffer[] = [];
  for await (const chunk of redactor.stream(pieces(bytes, size), tally)) out.push(Buffer.from(chunk));
  return { text: Buffer.concat(out).toString('utf8'), tally };
}

const program = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

test('what comes out is the same as without a thread, and so are the counts', async () => {
  for (const size of [999, 65_536, 2 ** 20]) {
    expect(await redacted(threaded, wholeText, size), `pieces of ${size}`).toEqual(
      await redacted(inTurn, wholeText, size),
    );
  }
  expect((await redacted(threaded, wholeText, 65_536)).text).not.toContain('hv7');
});

test('several texts at once do not mix', async () => {
  const texts = Array.from({ length: 4 }, (_, n) => Buffer.from(`text ${n} of hv7 password=geheim${n}\n`.repeat(4000)));
  const made = await Promise.all(texts.map((text) => redacted(threaded, text, 9000)));
  for (const [n, text] of texts.entries()) expect(made[n]).toEqual(await redacted(inTurn, text, 9000));
});

test('who takes no more of a text leaves nothing behind, and the next text is whole', async () => {
  let isClosed = false;
  const source = function* (): Generator<Buffer> {
    try {
      for (;;) yield Buffer.from('hv7 password=x123\n'.repeat(5000));
    } finally {
      isClosed = true;
    }
  };
  for await (const chunk of threaded.stream(source(), {})) {
    expect(chunk.toString()).not.toContain('hv7');
    break;
  }
  expect(isClosed).toBe(true);
  expect(await redacted(threaded, wholeText, 65_536)).toEqual(await redacted(inTurn, wholeText, 65_536));
});

test('an error of the source is thrown as it is', async () => {
  const source = function* (): Generator<Buffer> {
    for (let n = 0; n < 20; n++) yield Buffer.from('hv7\n'.repeat(50_000));
    throw new Error('the disk is gone');
  };
  await expect(async () => {
    for await (const _ of threaded.stream(source(), {}));
  }).rejects.toThrow('the disk is gone');
});

test('names that the thread meets are told here, once', async () => {
  const told: string[] = [];
  const parts = createRedactionParts({ ...options, onName: (kind, name) => told.push(`${kind} ${name}`) });
  const first = createThreadedFirstPass({ ...options, names: [...names] }, createFirstPass(parts), parts.pseudonyms);
  try {
    await first.start();
    const tally: RedactionTally = {};
    const piece = Buffer.from('for user abe: \\\\fs9\\share password=hunter2x\n');
    const out: Buffer[] = [];
    for await (const chunk of first.pass([piece, piece, piece], tally)) out.push(Buffer.from(chunk));
    const text = Buffer.concat(out).toString();
    expect(text.split('\n')).toHaveLength(4);
    expect(text).not.toMatch(/hunter2x|fs9/);
    expect(tally).toMatchObject({ password: 3, host: 3 });
    expect(told.filter((name) => name === 'host fs9')).toHaveLength(1);
  } finally {
    await first.close();
  }
});

test('what the thread leaves is found here, replaced and told', async () => {
  const list = `'/secret',\n'-token',\n'/token',\n'New-User -Password -Force',\n`;
  const text = Buffer.from(list + 'some words\n'.repeat(9000));
  const { text: made, tally } = await redacted(threaded, text, 65_536);
  expect((await redacted(inTurn, Buffer.from(made), 65_536)).tally).toEqual({});
  expect(tally['second-scan']).toBe(1);
});

test('a thread that dies fails the text it had, and the next ones are redacted without it', async () => {
  const parts = createRedactionParts(options);
  const dying = program(
    `import { parentPort } from 'node:worker_threads';
    parentPort.on('message', () => process.exit(3));
    parentPort.postMessage({ type: 'ready' });`,
  );
  const first = createThreadedFirstPass(
    { ...options, names: [...names] },
    createFirstPass(parts),
    parts.pseudonyms,
    dying,
  );
  const texts = (): Buffer[] => Array.from({ length: 3 }, () => Buffer.from('hv7 password=hunter2x\n'));
  const collected = async (): Promise<string> => {
    const out: Buffer[] = [];
    for await (const chunk of first.pass(texts(), {})) out.push(Buffer.from(chunk));
    return Buffer.concat(out).toString();
  };
  await first.start();
  await expect(collected()).rejects.toThrow('the thread of redaction ended too early');
  const made = await collected();
  expect(made.split('\n')).toHaveLength(4);
  expect(made).not.toMatch(/hv7|hunter2x/);
  await first.close();
  await expect(collected()).rejects.toThrow('redaction has been closed');
});

test('a text that is under way when it is closed fails, and so does one that begins after', async () => {
  const redactor = createRedactor({ ...options, firstPass: createThreadedFirstPass });
  const source = function* (): Generator<Buffer> {
    for (let n = 0; n < 1000; n++) yield Buffer.from('hv7\n'.repeat(50_000));
  };
  let chunks = 0;
  await expect(async () => {
    for await (const _ of redactor.stream(source(), {})) if (++chunks === 2) await redactor.close();
  }).rejects.toThrow('redaction has been closed');
  await expect(redacted(redactor, wholeText, 65_536)).rejects.toThrow('redaction has been closed');
});

test('a text that comes before the thread is ready is begun without it and goes on in it', async () => {
  const whole = await redacted(inTurn, wholeText, 9000);
  const parts = createRedactionParts(options);
  for (const readyAt of [2, 20]) {
    const first = createThreadedFirstPass({ ...options, names: [...names] }, createFirstPass(parts), parts.pseudonyms);
    const redactor = createRedactor({ ...options, firstPass: () => first });
    try {
      const source = async function* (): AsyncGenerator<Buffer> {
        let n = 0;
        for (const piece of pieces(wholeText, 9000)) {
          if (++n === readyAt) await first.start();
          yield piece;
        }
      };
      const tally: RedactionTally = {};
      const out: Buffer[] = [];
      for await (const chunk of redactor.stream(source(), tally)) out.push(Buffer.from(chunk));
      expect({ text: Buffer.concat(out).toString(), tally }).toEqual(whole);
    } finally {
      await redactor.close();
    }
  }
});

test('a pass that ends at any piece leaves what another one makes the same text of', async () => {
  const key = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEAx1x2x3x4x5x6x7x8x9\n'.repeat(3)}AB==\n-----END RSA PRIVATE KEY-----\n`;
  const text = Buffer.from(
    `hv7 a\n${key}password:\n  hunter2x\n'--password',\n'hunter3x',\napi_key: |\n  one2x\n  two3x\nc hv7 "name": "x_pass",\n "value": "hunter4x"\n`,
  );
  const first = createFirstPass(createRedactionParts(options));
  const all = async (parts: AsyncGenerator<Buffer, Buffer | undefined>, out: Buffer[]): Promise<Buffer | undefined> => {
    for (;;) {
      const next = await parts.next();
      if (next.done === true) return next.value;
      out.push(Buffer.from(next.value));
    }
  };
  const never = (): boolean => false;
  const whole: Buffer[] = [];
  const wholeTally: RedactionTally = {};
  await all(first.passUntil([text], wholeTally, never), whole);
  expect(Buffer.concat(whole).toString()).not.toMatch(/hv7|hunter|one2x|MIIE/);
  const counts = new Set<number>();
  for (let at = 1; at < text.length; at++) {
    const left = [text.subarray(0, at), text.subarray(at)];
    const source = function* (): Generator<Buffer> {
      for (let next = left.shift(); next !== undefined; next = left.shift()) yield next;
    };
    const out: Buffer[] = [];
    const tally: RedactionTally = {};
    const kept = await all(
      first.passUntil(source(), tally, () => true),
      out,
    );
    counts.add(left.length);
    if (kept !== undefined) await all(first.passUntil([kept, ...left], tally, never), out);
    expect(Buffer.concat(out).toString(), `cut at ${at}`).toBe(Buffer.concat(whole).toString());
    expect(tally, `cut at ${at}`).toEqual(wholeTally);
  }
  // At some places it ends; amid a key or a value it goes on.
  expect([...counts].sort()).toEqual([0, 1]);
});

test('texts do not wait for a thread that never gets ready', async () => {
  const parts = createRedactionParts(options);
  const idle = program('setInterval(() => undefined, 1000);');
  const first = createThreadedFirstPass(
    { ...options, names: [...names] },
    createFirstPass(parts),
    parts.pseudonyms,
    idle,
  );
  const redactor = createRedactor({ ...options, firstPass: () => first });
  try {
    expect(await redacted(redactor, wholeText, 65_536)).toEqual(await redacted(inTurn, wholeText, 65_536));
  } finally {
    await redactor.close();
  }
});
