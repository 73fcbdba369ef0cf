import koffi from 'koffi';
import type { InterfaceCounts } from '../network.ts';

const iphlpapi = koffi.load('iphlpapi.dll');
const GetIfTable2 = iphlpapi.func('uint32_t __stdcall GetIfTable2(_Out_ void **table)');
const FreeMibTable = iphlpapi.func('void __stdcall FreeMibTable(void *table)');

/** MIB_IF_ROW2 of netioapi.h; the table is a count, padding to 8 bytes, and the rows. */
const row = {
  bytes: 1352,
  alias: 28,
  aliasBytes: 514,
  description: 542,
  type: 1128,
  flags: 1152,
  operStatus: 1156,
  inOctets: 1208,
  inUnicast: 1216,
  inOther: 1224,
  inDiscards: 1232,
  inErrors: 1240,
  outOctets: 1280,
  outUnicast: 1288,
  outOther: 1296,
  outDiscards: 1304,
  outErrors: 1312,
} as const;
const headBytes = 8;
const loopback = 24;
/** FilterInterface: a driver's layer on top of an adapter, which counts the same packets again. */
const filterLayer = 0x2;
const maxInterfaces = 4096;

/** Counts of every network interface that is not a filter's or the loopback's, by the name that administrators gave it. */
export function readInterfaces(): InterfaceCounts[] {
  const out: [bigint | null] = [null];
  if (GetIfTable2(out) !== 0 || !out[0]) return [];
  try {
    const count = Math.min(maxInterfaces, new DataView(koffi.view(out[0], 4)).getUint32(0, true));
    const bytes = Buffer.from(koffi.view(out[0], headBytes + count * row.bytes));
    return parseInterfaceRows(bytes.subarray(headBytes), count);
  } finally {
    FreeMibTable(out[0]);
  }
}

/** Reads rows of MIB_IF_TABLE2. Names that occur twice are told apart by a number. */
export function parseInterfaceRows(rows: Buffer, count: number): InterfaceCounts[] {
  const found: InterfaceCounts[] = [];
  const names = new Map<string, number>();
  for (let index = 0; index < count; index += 1) {
    const bytes = rows.subarray(index * row.bytes, (index + 1) * row.bytes);
    if (bytes.length < row.bytes) break;
    if (bytes.readUInt32LE(row.type) === loopback || bytes.readUInt8(row.flags) & filterLayer) continue;
    const at = (offset: number) => Number(bytes.readBigUInt64LE(offset));
    const name = text(bytes, row.alias, row.aliasBytes) || text(bytes, row.description, row.aliasBytes);
    const seen = (names.get(name) ?? 0) + 1;
    names.set(name, seen);
    found.push({
      name: seen === 1 ? name : `${name} #${seen}`,
      receivedBytes: at(row.inOctets),
      receivedPackets: at(row.inUnicast) + at(row.inOther),
      receivedErrors: at(row.inErrors),
      receivedDropped: at(row.inDiscards),
      sentBytes: at(row.outOctets),
      sentPackets: at(row.outUnicast) + at(row.outOther),
      sentErrors: at(row.outErrors),
      sentDropped: at(row.outDiscards),
    });
  }
  return found;
}

const text = (bytes: Buffer, at: number, length: number): string =>
  bytes
    .toString('utf16le', at, at + length)
    .split('\0', 1)
    .join('');
