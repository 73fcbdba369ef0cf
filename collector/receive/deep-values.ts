import { lengthPrefix } from '../../protocol/batch.ts';
import type { Signal } from '../../protocol/headers.ts';
import { fieldsOf } from '../../protocol/wire-fields.ts';
import { exportRequests, type MessageShape } from './otlp-messages.ts';
import { valueText } from './value-text.ts';

export interface SpelledOut {
  bytes: Buffer;
  /** Parts of values that were left out, being nested too deep or too large; a text in their place says so. */
  left: number;
}

/** Levels of values that the engine's schema spells out: a value and one level in it. */
export const spelledLevels = 2;

const arrayValue = 5;
const mapValue = 6;
const stringValue = Buffer.from([0x0a]);

/**
 * Puts the JSON text of a value in its place where arrays and maps nest deeper in it than the engine's schema spells
 * out; every other byte stays as it came. For requests that the walk has found well formed and `deep`.
 *
 * Not in SQL: each level that a schema spells out multiplies the size of the statement, and every file with an array in
 * it would pay for that.
 */
export function spellOutDeepValues(signal: Signal, request: Buffer, options: { maxBytes: number }): SpelledOut {
  /** What the request may still grow by. */
  let room = Math.max(0, options.maxBytes - request.length);
  let left = 0;

  function spelledOut(from: number, to: number): Buffer {
    const told = valueText(request.subarray(from, to), room + to - from);
    left += told.left;
    const content = Buffer.from(told.text);
    room = Math.max(0, room - Math.max(0, content.length - (to - from)));
    return Buffer.concat([stringValue, lengthPrefix(content.length), content]);
  }

  /** The message's new bytes; undefined when it stays as it is. */
  function rewrite(shape: MessageShape, start: number, end: number): Buffer | undefined {
    const pieces: Buffer[] = [];
    let kept = start;
    for (const { field, start: at, from, to } of fieldsOf(request, start, end)) {
      const child = shape.children[field];
      if (!child) continue;
      let changed: Buffer | undefined;
      if (!child.isValue) changed = rewrite(child, from, to);
      else if (isDeep(request, from, to, 1)) changed = spelledOut(from, to);
      if (!changed) continue;
      pieces.push(request.subarray(kept, at), lengthPrefix(field * 8 + 2), lengthPrefix(changed.length), changed);
      kept = to;
    }
    if (pieces.length === 0) return undefined;
    pieces.push(request.subarray(kept, end));
    return Buffer.concat(pieces);
  }

  return { bytes: rewrite(exportRequests[signal], 0, request.length) ?? request, left };
}

/** Whether there is an array or a map on the deepest level that the schema spells out. */
function isDeep(bytes: Buffer, start: number, end: number, level: number): boolean {
  for (const { field, from, to } of fieldsOf(bytes, start, end)) {
    if (field !== arrayValue && field !== mapValue) continue;
    if (level === spelledLevels) return true;
    for (const item of fieldsOf(bytes, from, to)) {
      if (field === arrayValue) {
        if (isDeep(bytes, item.from, item.to, level + 1)) return true;
        continue;
      }
      for (const part of fieldsOf(bytes, item.from, item.to)) {
        if (part.field === 2 && isDeep(bytes, part.from, part.to, level + 1)) return true;
      }
    }
  }
  return false;
}
