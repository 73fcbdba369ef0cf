import { fieldsOf } from '../../protocol/wire-fields.ts';

/** Levels of arrays and maps in one JSON text; deeper ones are left out. */
export const maxValueLevels = 32;

/**
 * An OTLP AnyValue as JSON text, as the engine's `sextant_leaf_json` spells it: numbers and booleans as themselves,
 * numbers that are none as text, bytes in base64, an unset value as null. What nests deeper than 32 levels, or has no
 * room in `maxBytes`, is left out; a text in its place says so, and `left` counts it.
 */
export function valueText(value: Buffer, maxBytes: number): { text: string; left: number } {
  let left = 0;
  let room = maxBytes;

  const put = (text: string): string => {
    room -= text.length;
    return text;
  };
  const leaveOut = (why: string): string => {
    left++;
    return put(JSON.stringify(`[left out: ${why}]`));
  };

  function json(start: number, end: number, level: number): string {
    for (const { field, from, to } of fieldsOf(value, start, end)) {
      if (to - from > room) return leaveOut('too large');
      if (field === 1) return put(JSON.stringify(value.toString('utf8', from, to)));
      if (field === 2) return put(integer(value, from) !== 0n ? 'true' : 'false');
      if (field === 3) return put(String(BigInt.asIntN(64, integer(value, from))));
      if (field === 4) return put(double(value.readDoubleLE(from)));
      if (field === 7) return put(`"${value.toString('base64', from, to)}"`);
      if (field !== 5 && field !== 6) continue;
      if (level > maxValueLevels) return leaveOut(`nested deeper than ${maxValueLevels} levels`);
      const items: string[] = [];
      for (const item of fieldsOf(value, from, to)) {
        if (item.field !== 1) continue;
        if (room <= 0) {
          if (field === 5) items.push(leaveOut('too large'));
          else left++;
          break;
        }
        items.push(field === 5 ? json(item.from, item.to, level + 1) : pair(item.from, item.to, level + 1));
        put(',');
      }
      return field === 5 ? `[${items.join(',')}]` : `{${items.join(',')}}`;
    }
    return put('null');
  }

  function pair(start: number, end: number, level: number): string {
    let key = '';
    let text: string | undefined;
    for (const { field, from, to } of fieldsOf(value, start, end)) {
      if (field === 1) key = value.toString('utf8', from, to);
      else if (field === 2) text = json(from, to, level);
    }
    return `${put(JSON.stringify(key))}:${text ?? put('null')}`;
  }

  return { text: json(0, value.length, 1), left };
}

function integer(bytes: Buffer, at: number): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = bytes[at++] ?? 0;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
}

function double(value: number): string {
  if (Number.isNaN(value)) return '"nan"';
  if (!Number.isFinite(value)) return value > 0 ? '"inf"' : '"-inf"';
  return Object.is(value, -0) ? '-0' : String(value);
}
