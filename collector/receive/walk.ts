import { SextantError } from '../../errors/sextant-error.ts';
import { markFields } from '../../protocol/batch.ts';
import type { Signal } from '../../protocol/headers.ts';
import type { Outline } from '../store/outline.ts';
import { spelledLevels } from './deep-values.ts';
import { exportRequests, type MessageShape, wireKinds } from './otlp-messages.ts';

/** Levels of one value; Protobuf's own readers give up at fewer. Below 32 the JSON text ends before (value-text.ts). */
const maxValueDepth = 100;

// The walk is synchronous and is the one thing that touches every byte of every request in JavaScript, so its state
// lies here and nothing is allocated on the way.
let bytes: Uint8Array = new Uint8Array();
let at = 0;
let records = 0;
let nested = false;
let deep = false;
let metricKinds = 0;
let recordAttributes = false;

/**
 * Walks the wire format of an OTLP export request without decoding it, and counts its log records, data points or
 * spans. `deep`: arrays or maps nest deeper than the engine's schema spells out (deep-values.ts). What passes can be read by the engine: every known field has the wire type of its schema, every length stays
 * inside its message, nothing is cut. Top-level fields from 1000 on are the collector's own and are refused.
 * Throws SX_BAD_OTLP with the offset of the fault.
 */
export function walkRequest(signal: Signal, request: Uint8Array): { records: number; outline: Outline; deep: boolean } {
  bytes = request;
  at = 0;
  records = 0;
  nested = false;
  deep = false;
  metricKinds = 0;
  recordAttributes = false;
  try {
    walkMessage(exportRequests[signal], request.length, 0, markFields.node);
    return { records, outline: { nested, recordAttributes, metricKinds }, deep };
  } finally {
    bytes = new Uint8Array();
  }
}

function walkMessage(shape: MessageShape, end: number, depth: number, fieldBound: number): void {
  const { kinds, children, oneOf, once } = shape;
  let seen = 0;
  while (at < end) {
    const tag = readVarint32(end);
    const field = tag >>> 3;
    if (field === 0 || field >= fieldBound) fault(`field ${field} is not allowed here`);
    const wireType = tag & 7;
    const bit = field < kinds.length ? 1 << field : 0;
    if ((once & bit) !== 0) {
      if ((seen & ((oneOf & bit) !== 0 ? oneOf : bit)) !== 0) fault(`field ${field} is set twice`);
      seen |= bit;
    }
    const kind = field < kinds.length ? kinds[field] : wireKinds.unknown;
    switch (wireType) {
      case 0:
        if (kind !== wireKinds.varint && kind !== wireKinds.unknown && kind !== wireKinds.packedVarint)
          wrongType(field);
        skipVarint(end);
        break;
      case 1:
        if (kind !== wireKinds.fixed64 && kind !== wireKinds.unknown && kind !== wireKinds.packedFixed64) {
          wrongType(field);
        }
        skip(8, end);
        break;
      case 5:
        if (kind !== wireKinds.fixed32 && kind !== wireKinds.unknown) wrongType(field);
        skip(4, end);
        break;
      case 2: {
        const length = readVarint32(end);
        if (length > end - at) fault('a length runs past its message');
        const inner = at + length;
        if (kind === wireKinds.message) {
          const child = children[field];
          if (!child) throw new Error('BUG: a message field without a shape');
          if (child.isRecord) records++;
          else if (shape.isValue) {
            nested = true;
            if (depth >= spelledLevels) deep = true;
          } else if (shape.isMetric) metricKinds |= 1 << field;
          else if (child.isRecordAttribute) recordAttributes = true;
          const below = child.isValue ? depth + 1 : depth;
          if (below > maxValueDepth) fault('values are nested too deep');
          walkMessage(child, inner, below, unbounded);
        } else if (kind === wireKinds.packedVarint) {
          if (length === 0) fault('packed numbers are empty');
          while (at < inner) skipVarint(inner);
        } else if (kind === wireKinds.packedFixed64) {
          // Allowed by Protobuf, written by nobody, and the engine takes the file for corrupt.
          if (length === 0) fault('packed numbers are empty');
          if ((length & 7) !== 0) fault('packed numbers are cut');
        } else if (kind !== wireKinds.blob && kind !== wireKinds.unknown) {
          wrongType(field);
        }
        at = inner;
        break;
      }
      default:
        fault(`wire type ${wireType} is not used by OTLP`);
    }
  }
}

const unbounded = 0x2000_0000;

/** A tag or a length: at most 32 bits in at most five bytes. */
function readVarint32(end: number): number {
  if (at >= end) fault('cut in the middle');
  let byte = bytes[at++] as number;
  if (byte < 128) return byte;
  let value = byte & 127;
  for (let shift = 7; shift < 35; shift += 7) {
    if (at >= end) fault('cut in the middle');
    byte = bytes[at++] as number;
    if (shift === 28 && byte > 15) fault('a number is too large');
    value |= (byte & 127) << shift;
    if (byte < 128) return value >>> 0;
  }
  return fault('a number is too long');
}

function skipVarint(end: number): void {
  for (let count = 1; count <= 10; count++) {
    if (at >= end) fault('cut in the middle');
    const byte = bytes[at++] as number;
    // The tenth byte holds the 64th bit and nothing else; the engine refuses even a zero there.
    if (count === 10 && byte !== 1) break;
    if (byte < 128) return;
  }
  fault('a number is too long');
}

function skip(count: number, end: number): void {
  if (end - at < count) fault('cut in the middle');
  at += count;
}

function wrongType(field: number): never {
  fault(`field ${field} has the wrong wire type`);
}

function fault(what: string): never {
  throw new SextantError('SX_BAD_OTLP', `not an OTLP export request: ${what}, at byte ${at}`);
}
