import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { StreamReader } from '../../../../agent/spool/reader.ts';
import { encodeSegmentLabel, segmentPath } from '../../../../agent/spool/segment.ts';
import { openSpool, type Spool } from '../../../../agent/spool/spool.ts';
import { count } from '../../../long.ts';

const log = pino({ level: 'silent' });

/**
 * What must hold whatever happens, told against the simplest thing that could be true: a list of batches that were
 * appended, and the collector, which keeps the first payload it sees for a number above its highest.
 */
interface Model {
  /** Payload by stream sequence, as append resolved with it. */
  durable: Map<number, string>;
  delivered: Map<number, string>;
  /** Highest number that append resolved with. */
  last: number;
  /** Payload by `epoch/sequence`: what was ever handed out. */
  seen: Map<string, string>;
  /** Of what was delivered in this epoch. */
  highest: number;
  epoch: string;
  position: number;
  /** A file was damaged: batches may be missing, but nothing may be wrong. */
  damaged: boolean;
}

interface Real {
  parent: string;
  folder: string;
  generation: number;
  spool: Spool;
  reader: StreamReader;
}

let texts = 0;

async function open(real: Pick<Real, 'folder'>): Promise<Pick<Real, 'spool' | 'reader'>> {
  const spool = await openSpool(
    {
      folder: real.folder,
      streams: { logs: 'normal' },
      maxBytes: 64 * 1024 * 1024,
      minFreeBytes: 0,
      segmentBytes: 2048,
    },
    { log, nowMs: Date.now },
  );
  return { spool, reader: spool.reader('logs') };
}

/** What kill -9 leaves: the files as they are this instant, without anything that close would do. */
async function kill(real: Real): Promise<void> {
  const next = join(real.parent, `generation-${++real.generation}`);
  cpSync(real.folder, next, { recursive: true });
  const old = real.spool;
  const oldFolder = real.folder;
  real.folder = next;
  await old.close();
  rmSync(oldFolder, { recursive: true, force: true });
}

function checkPosition(model: Model, real: Real): void {
  const position = Number(real.spool.position('file') ?? 0);
  if (!model.damaged) expect(position).toBe(model.position);
  else expect(position).toBeLessThanOrEqual(model.position);
  model.position = position;
}

const segmentsOf = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.segment'))
    .sort();

type Command = fc.AsyncCommand<Model, Real>;

class Append implements Command {
  readonly sizes: number[];
  constructor(sizes: number[]) {
    this.sizes = sizes;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    const texted = this.sizes.map((size) => `${++texts}:${'x'.repeat(size)}`);
    const sequences = await Promise.all(
      texted.map((text, i) =>
        real.spool.append('logs', {
          payload: Buffer.from(text),
          records: 1,
          bookmarks: { file: String(model.position + i + 1) },
        }),
      ),
    );
    for (const [i, sequence] of sequences.entries()) {
      expect(sequence).toBeGreaterThan(Math.max(0, ...model.durable.keys()));
      model.durable.set(sequence, texted[i] ?? '');
      model.last = sequence;
    }
    model.position += texted.length;
    checkPosition({ ...model, damaged: false }, real);
  }
  toString = () => `append(${this.sizes})`;
}

/** Positions that no record comes with. */
class Move implements Command {
  check = () => true;
  async run(model: Model, real: Real) {
    model.last = await real.spool.append('logs', {
      payload: new Uint8Array(0),
      records: 0,
      bookmarks: { other: `${++texts}` },
    });
    checkPosition({ ...model, damaged: false }, real);
  }
  toString = () => 'move';
}

class Deliver implements Command {
  readonly many: number;
  readonly loseAnswer: boolean;
  constructor(many: number, loseAnswer: boolean) {
    this.many = many;
    this.loseAnswer = loseAnswer;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    for (let i = 0; i < this.many && (real.spool.stats()[0]?.waitingRecords ?? 0) > 0; i++) {
      const batch = await Promise.race([
        real.reader.next(),
        // Undamaged there is a batch, however busy the machine; a wait that long would be the fault to find.
        new Promise<undefined>((resolve) => setTimeout(resolve, model.damaged ? 200 : 20_000)),
      ]);
      if (batch === undefined) {
        // Damaged batches can be counted as waiting until the reader has passed them.
        expect(model.damaged).toBe(true);
        await reopen(model, real);
        return;
      }
      const text = batch.payload.toString();
      const key = `${batch.epoch}/${batch.sequence}`;
      expect(model.seen.get(key) ?? text, 'a number was used for two payloads').toBe(text);
      model.seen.set(key, text);
      if (!model.damaged) expect(model.durable.get(batch.sequence)).toBe(text);
      if (batch.epoch !== model.epoch) model.highest = 0;
      model.epoch = batch.epoch;
      if (batch.sequence > model.highest) {
        // Each number in between was given to positions alone, or was set aside by one that was killed.
        if (!model.damaged) expect(batch.emptyBefore).toBe(batch.sequence - model.highest - 1);
        model.highest = batch.sequence;
        model.delivered.set(batch.sequence, text);
      }
      if (this.loseAnswer && i === this.many - 1) {
        // The collector has it, the agent dies without knowing.
        await kill(real);
        Object.assign(real, await open(real));
        checkPosition(model, real);
        return;
      }
      real.reader.acknowledge(batch);
    }
  }
  toString = () => `deliver(${this.many}${this.loseAnswer ? ', answer lost' : ''})`;
}

async function reopen(model: Model, real: Real): Promise<void> {
  await real.spool.close();
  Object.assign(real, await open(real));
  checkPosition(model, real);
}

class Restart implements Command {
  check = () => true;
  run = reopen;
  toString = () => 'restart';
}

class Kill implements Command {
  check = () => true;
  async run(model: Model, real: Real) {
    await kill(real);
    Object.assign(real, await open(real));
    checkPosition(model, real);
  }
  toString = () => 'kill';
}

/** Kill while a write is under way: a part of it is behind the last whole batch. */
class KillInWrite implements Command {
  readonly torn: Uint8Array;
  constructor(torn: Uint8Array) {
    this.torn = torn;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    await kill(real);
    const last = segmentsOf(real.folder).at(-1);
    if (this.torn.length < 60) {
      // … or a new segment was just being made.
      const label = encodeSegmentLabel({ stream: 'logs', epoch: real.spool.epoch, firstSequence: 1, createdUnixMs: 1 });
      const path = segmentPath(real.folder, 'logs', model.last + 1);
      writeFileSync(path, label.subarray(0, this.torn.length));
    } else if (last) {
      const file = openSync(join(real.folder, last), 'a');
      writeSync(file, this.torn);
      closeSync(file);
    }
    Object.assign(real, await open(real));
    checkPosition(model, real);
  }
  toString = () => `killInWrite(${this.torn.length})`;
}

class Corrupt implements Command {
  readonly which: number;
  readonly where: number;
  constructor(which: number, where: number) {
    this.which = which;
    this.where = where;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    await kill(real);
    const names = segmentsOf(real.folder);
    const name = names[Math.floor(this.which * names.length)];
    if (name) {
      const path = join(real.folder, name);
      const at = Math.floor(this.where * statSync(path).size);
      const file = openSync(path, 'r+');
      const byte = Buffer.alloc(1);
      readSync(file, byte, 0, 1, at);
      byte[0] = (byte[0] ?? 0) ^ 0x55;
      writeSync(file, byte, 0, 1, at);
      closeSync(file);
      model.damaged = true;
    }
    Object.assign(real, await open(real));
    checkPosition(model, real);
  }
  toString = () => `corrupt(${this.which.toFixed(2)}, ${this.where.toFixed(2)})`;
}

/** A disk that lost what it had promised: the end of a file, or the whole file. */
class Truncate implements Command {
  readonly which: number;
  readonly where: number;
  constructor(which: number, where: number) {
    this.which = which;
    this.where = where;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    await kill(real);
    const names = segmentsOf(real.folder);
    const name = names[Math.floor(this.which * names.length)];
    if (name) {
      const path = join(real.folder, name);
      if (this.where < 0.05) rmSync(path);
      else truncateSync(path, Math.floor(this.where * statSync(path).size));
      model.damaged = true;
    }
    Object.assign(real, await open(real));
    checkPosition(model, real);
  }
  toString = () => `truncate(${this.which.toFixed(2)}, ${this.where.toFixed(2)})`;
}

/** One of the checkpoint's two copies is torn or rotten. */
class SpoilCheckpoint implements Command {
  readonly slot: 0 | 1;
  constructor(slot: 0 | 1) {
    this.slot = slot;
  }
  check = () => true;
  async run(model: Model, real: Real) {
    await kill(real);
    const path = join(real.folder, 'checkpoint');
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(64, 0x55), 0, 64, (this.slot * statSync(path).size) / 2);
    closeSync(file);
    // The copy before may know less about where sources stood.
    model.damaged = true;
    Object.assign(real, await open(real));
    checkPosition(model, real);
  }
  toString = () => `spoilCheckpoint(${this.slot})`;
}

const unit = () => fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const append = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 5 }).map((s) => new Append(s));
const deliver = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.boolean()).map(([n, lost]) => new Deliver(n, lost));
const harmless = [
  append,
  append,
  fc.constant(new Move()),
  deliver,
  fc.constant(new Restart()),
  fc.constant(new Kill()),
  fc.uint8Array({ minLength: 1, maxLength: 200 }).map((torn) => new KillInWrite(torn)),
];
const harmful = [
  fc.tuple(unit(), unit()).map(([which, where]) => new Corrupt(which, where)),
  fc.tuple(unit(), unit()).map(([which, where]) => new Truncate(which, where)),
  fc.constantFrom<0 | 1>(0, 1).map((slot) => new SpoilCheckpoint(slot)),
];

async function run(commands: Iterable<Command>): Promise<Model> {
  const parent = mkdtempSync(join(tmpdir(), 'sextant-model-'));
  const folder = join(parent, 'generation-0');
  const model: Model = {
    durable: new Map(),
    delivered: new Map(),
    last: 0,
    seen: new Map(),
    highest: 0,
    epoch: '',
    position: 0,
    damaged: false,
  };
  const real = { parent, folder, generation: 0, ...(await open({ folder })) };
  try {
    await fc.asyncModelRun(() => ({ model, real }), commands);
    // What is behind the last move has been passed when this one is delivered.
    await new Append([1]).run(model, real);
    await new Deliver(1000, false).run(model, real);
    if (!model.damaged) expect(real.spool.stats()[0]).toMatchObject({ damagedBatches: 0, waitingBatches: 0 });
    return model;
  } finally {
    await real.spool.close();
    rmSync(parent, { recursive: true, force: true });
  }
}

test('every appended batch is delivered exactly once, in order, through kills, torn writes and lost answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(harmless, { maxCommands: 40 }), async (commands) => {
      const model = await run(commands);
      expect([...model.delivered]).toEqual([...model.durable]);
    }),
    { numRuns: count(60, 3000) },
  );
}, 600_000);

test('with damaged, shortened and vanished files it goes on, invents nothing and uses no number twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands([...harmless, ...harmful], { maxCommands: 40 }), async (commands) => {
      const model = await run(commands);
      const appended = new Set(model.durable.values());
      for (const text of model.delivered.values()) expect(appended.has(text)).toBe(true);
    }),
    { numRuns: count(60, 3000) },
  );
}, 600_000);
