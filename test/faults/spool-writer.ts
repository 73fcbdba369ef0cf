import { pino } from 'pino';
import { openSpool } from '../../agent/spool/spool.ts';

// A process to be killed: appends numbered batches as fast as the disk takes them and says each number on standard
// output once append has promised it. Arguments: folder, first number, batch bytes.
const [folder = '', first = '0', bytes = '2000'] = process.argv.slice(2);
const spool = await openSpool(
  { folder, streams: { logs: 'normal' }, maxBytes: 512 * 1024 * 1024, minFreeBytes: 0, segmentBytes: 256 * 1024 },
  { log: pino({ level: 'silent' }), nowMs: Date.now },
);
const filler = 'x'.repeat(Number(bytes));
process.stdout.write(`position ${spool.position('numbers') ?? '-1'}\n`);
let number = Math.max(Number(first), Number(spool.position('numbers') ?? -1) + 1);

async function lane(): Promise<void> {
  for (;;) {
    const mine = number++;
    const sequence = await spool.append('logs', {
      payload: Buffer.from(`${mine}:${filler}`),
      records: 1,
      bookmarks: { numbers: String(mine) },
    });
    process.stdout.write(`${mine} ${sequence}\n`);
    // Now and then a position that no record comes with.
    const alone = { payload: new Uint8Array(0), records: 0, bookmarks: { other: String(mine) } };
    if (mine % 5 === 0) await spool.append('logs', alone);
  }
}
// Several at once, so that groups are committed together.
await Promise.all([lane(), lane(), lane(), lane()]);
