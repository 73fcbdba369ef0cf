import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createHeapReturn } from '../../../agent/heap-return.ts';

const MiB = 1024 * 1024;

/** An agent whose records and memory the test moves; every collection brings it back to 80 MiB. */
function agent() {
  const state = { records: 0, resident: 120 * MiB, collections: 0, givenBack: 0 };
  const heapReturn = createHeapReturn({
    emittedRecords: () => state.records,
    residentBytes: () => state.resident,
    giveBack: () => {
      state.givenBack += 1;
    },
    collect: () => {
      state.collections += 1;
      state.resident = 80 * MiB;
    },
    log: pino({ level: 'silent' }),
  });
  return { state, heapReturn };
}

test('collects once it is at rest, and not again while there is nothing to gain', () => {
  const { state, heapReturn } = agent();
  heapReturn.look();
  heapReturn.look();
  expect(state.collections).toBe(1);
});

test('leaves V8 alone during a burst and collects after it', () => {
  const { state, heapReturn } = agent();
  heapReturn.look();
  state.resident = 150 * MiB;
  state.records += 50_000;
  heapReturn.look();
  expect(state.collections).toBe(1);
  heapReturn.look();
  expect(state.collections).toBe(2);
});

test('lets go of buffers at every look at rest, and of none during a burst', () => {
  const { state, heapReturn } = agent();
  state.records += 50_000;
  heapReturn.look();
  expect(state.givenBack).toBe(0);
  heapReturn.look();
  heapReturn.look();
  expect(state.givenBack).toBe(2);
});

test('collects again when memory has crept up at rest', () => {
  const { state, heapReturn } = agent();
  heapReturn.look();
  state.resident += 3 * MiB;
  heapReturn.look();
  expect(state.collections).toBe(1);
  state.resident += 2 * MiB;
  heapReturn.look();
  expect(state.collections).toBe(2);
});

test('does nothing where Node exposes no collector', () => {
  const heapReturn = createHeapReturn({
    emittedRecords: () => 0,
    residentBytes: () => 200 * MiB,
    giveBack: () => undefined,
    collect: undefined,
    log: pino({ level: 'silent' }),
  });
  expect(() => heapReturn.look()).not.toThrow();
});
