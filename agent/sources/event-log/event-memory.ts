import koffi from 'koffi';
import { createVariantReader } from './variant.ts';

/** Memory that Windows writes to; it does not move, unlike a Buffer's. */
export function createEventMemory(firstBytes: number, maxBytes: number) {
  let held = allocate(firstBytes);

  function allocate(size: number) {
    const pointer = koffi.alloc('uint8_t', size) as bigint;
    const memory = koffi.view(pointer, size);
    return { pointer, size, text: Buffer.from(memory), variants: createVariantReader(memory, pointer) };
  }

  return {
    get pointer() {
      return held.pointer;
    },
    get size() {
      return held.size;
    },
    get variants() {
      return held.variants;
    },
    /** The text at the start, of so many UTF-16 units. */
    text: (units: number): string => held.text.toString('utf16le', 0, units * 2),
    /** Makes room for as much; what was in it is gone. False when that is more than is sensible. */
    grow(bytes: number): boolean {
      if (bytes > maxBytes) return false;
      koffi.free(held.pointer);
      held = allocate(Math.min(maxBytes, Math.max(bytes, held.size * 2)));
      return true;
    },
    free: (): void => koffi.free(held.pointer),
  };
}
export type EventMemory = ReturnType<typeof createEventMemory>;
