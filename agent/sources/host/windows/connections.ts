import koffi from 'koffi';

const iphlpapi = koffi.load('iphlpapi.dll');
const declare = (name: string) =>
  iphlpapi.func(`uint32_t __stdcall ${name}(void *table, _Inout_ uint32_t *bytes, int sorted)`);
/** Each table is a count and rows: MIB_TCPROW2 and MIB_TCP6ROW2 of tcpmib.h. */
const tables = [
  { read: declare('GetTcpTable2'), rowBytes: 28, stateAt: 0 },
  { read: declare('GetTcp6Table2'), rowBytes: 60, stateAt: 48 },
];

/** MIB_TCP_STATE from 1 on, named as network.connection.state has it. */
const states = [
  'closed',
  'listen',
  'syn_sent',
  'syn_received',
  'established',
  'fin_wait_1',
  'fin_wait_2',
  'close_wait',
  'closing',
  'last_ack',
  'time_wait',
];

/** Above this many connections the tables take too long to read; the states are then left out. */
const maxBytes = 20_000 * 60;

/** TCP connections by state, every state each time; undefined when they are too many or cannot be read. */
export function countConnections(): Map<string, number> | undefined {
  const counts = new Map(states.map((state) => [state, 0]));
  for (const { read, rowBytes, stateAt } of tables) {
    const bytes: [number] = [0];
    read(null, bytes, 0);
    if (bytes[0] > maxBytes) return undefined;
    const buffer = Buffer.alloc(bytes[0] + 64 * rowBytes);
    bytes[0] = buffer.length;
    if (read(buffer, bytes, 0) !== 0) return undefined;
    const rows = buffer.readUInt32LE(0);
    for (let row = 0; row < rows; row += 1) {
      const state = states[buffer.readUInt32LE(4 + row * rowBytes + stateAt) - 1];
      if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + 1);
    }
  }
  return counts;
}
