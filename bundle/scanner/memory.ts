import { scanProgram } from './program.ts';

/** Where `scan.wat` has its tables, in bytes. */
const at = { classes: 0, classes6: 256, gateBits: 1024, gate: 65_536, table: 327_680 } as const;
const pageBytes = 65_536;

interface ScanTables {
  /** Class of each byte. */
  classes: Uint8Array;
  /** The same in six bits, as the gate wants them. */
  classes6: Uint8Array;
  /** 2^18 bytes: `createGate`. */
  gate: Uint8Array;
  /** The automaton's table, in cells of four bytes. */
  tableCells: number;
  /** Which cell of a row says that nothing under way has more than a byte behind it; the next one is the state's output. */
  shallow: number;
  /** Asked for a cell that is missing. */
  workOut(row: number, byteClass: number): number;
}

let module: WebAssembly.Module | undefined;
function compiled(): WebAssembly.Module {
  module ??= new WebAssembly.Module(Buffer.from(scanProgram, 'base64'));
  return module;
}

/** The memory that the scanner's program works in: tables first, then the text, then what was found. */
export interface ScanMemory {
  /** Rows of the automaton. */
  readonly table: Int32Array;
  /** As `Scanner` has it. */
  scan(bytes: Uint8Array, from: number, to: number): Int32Array;
}

export function createScanMemory(tables: ScanTables): ScanMemory {
  const textAt = at.table + tables.tableCells * 4;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(textAt / pageBytes) });
  let table = new Int32Array(memory.buffer, at.table, tables.tableCells);
  let bytes = new Uint8Array(memory.buffer);
  let cells = new Int32Array(memory.buffer);
  bytes.set(tables.classes, at.classes);
  bytes.set(tables.classes6, at.classes6);
  bytes.set(tables.gate, at.gate);
  for (let place = 0; place < tables.gate.length; place++) {
    if (tables.gate[place] !== 0)
      bytes[at.gateBits + (place >> 3)] = (bytes[at.gateBits + (place >> 3)] as number) | (1 << (place & 7));
  }
  const { exports } = new WebAssembly.Instance(compiled(), { scan: { memory, workOut: tables.workOut } });
  const scan = exports.scan as (from: number, to: number, events: number, shallow: number) => number;
  const shallow = tables.shallow * 4;

  return {
    get table() {
      return table;
    },
    scan: (text, from, to) => {
      const length = to - from;
      // Sixteen bytes for each place at which something may end; a page that nobody writes to takes no memory.
      const eventsAt = (textAt + length + 32) & ~15;
      const needed = eventsAt + length * 16;
      if (needed > memory.buffer.byteLength) {
        memory.grow(Math.ceil((needed - memory.buffer.byteLength) / pageBytes));
        table = new Int32Array(memory.buffer, at.table, tables.tableCells);
        bytes = new Uint8Array(memory.buffer);
        cells = new Int32Array(memory.buffer);
      }
      bytes.set(from === 0 && to === text.length ? text : text.subarray(from, to), textAt);
      const end = scan(textAt, textAt + length, eventsAt, shallow);
      const events = cells.subarray(eventsAt >> 2, end >> 2);
      const shift = textAt - from;
      for (let at = 0; at < events.length; at += 4) {
        events[at] = (events[at] as number) - shift;
        events[at + 2] = (events[at + 2] as number) - shift;
        events[at + 3] = (events[at + 3] as number) - shift;
      }
      return events;
    },
  };
}
