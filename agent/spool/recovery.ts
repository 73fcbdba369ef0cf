import { mkdir, readdir, rename, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../logging/log.ts';
import type { CheckpointState } from './checkpoint.ts';
import { parseSegmentName, type Segment } from './segment.ts';
import { scanSegment } from './segment-scan.ts';

/**
 * Finds what an earlier run left in the spool's folder, in order, and cuts the torn tail of each stream. A segment of which
 * nothing is readable moves to `quarantine/`, and is counted in `state`.
 */
export async function recoverSegments(
  folder: string,
  state: CheckpointState | undefined,
  log: Log,
): Promise<Segment[]> {
  const names = (await readdir(folder)).filter((name) => parseSegmentName(name)).sort();
  const found: Segment[] = [];
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    const stream = parseSegmentName(name)?.stream;
    const next = names[index + 1];
    const last = next === undefined || parseSegmentName(next)?.stream !== stream;
    const acknowledged = state?.streams[stream ?? '']?.acknowledged ?? 0;
    const scanned = await scanSegment(path, name, { acknowledged, last, epoch: state?.epoch });
    if (scanned === 'stillborn') {
      await unlink(path);
      continue;
    }
    if (scanned === undefined) {
      await mkdir(join(folder, 'quarantine'), { recursive: true, mode: 0o700 });
      await rename(path, join(folder, 'quarantine', name));
      log.error({ segment: name }, 'nothing in a spool segment is readable: it is kept in quarantine');
      const saved = state?.streams[stream ?? ''];
      if (saved) {
        saved.damagedBatches += 1;
        // Its numbers must not be told as ones that nothing was given.
        saved.lastFilled = saved.reserved;
      }
      continue;
    }
    const { segment, tornBytes } = scanned;
    if (tornBytes > 0) {
      log.warn({ segment: name, tornBytes }, 'cut the torn tail of a spool segment');
      await truncate(path, segment.bytes);
    }
    if (segment.lastSequence < segment.firstSequence) await unlink(path);
    else found.push(segment);
  }
  return found;
}
