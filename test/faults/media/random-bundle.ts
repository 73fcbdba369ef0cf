import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { loadSigningKey } from '../../../bundle/minisign-key.ts';
import { renderReport } from '../../../bundle/report.ts';
import { sealBundle } from '../../../bundle/seal.ts';
import { createStaging } from '../../../bundle/staging.ts';
import { createVolumeWriter } from '../../../bundle/volume-writer.ts';
import { sampleCoverage } from '../../unit/bundle/sample-bundle.ts';

/** A signed bundle of so many volumes of about this size each, which do not compress. */
export async function makeRandomBundle(folder: string, volumes: number, bytes: number): Promise<string> {
  const coverage = sampleCoverage();
  const stagingFolder = await createStaging(folder, coverage.bundle.name);
  for (let n = 1; n <= volumes; n++) {
    const writer = createVolumeWriter({ folder: join(stagingFolder, 'data'), base: `node-${n}` });
    const entry = { path: 'var/log/file.log', modifiedMs: Date.UTC(2026, 10, 20, 9) };
    const chunk = 2 ** 20;
    const content = function* (): Generator<Buffer> {
      for (let left = bytes; left > 0; left -= chunk) yield randomBytes(Math.min(left, chunk));
    };
    await writer.add(entry, content());
    await writer.close();
  }
  const report = renderReport({ coverage, alerts: [], inventories: [], charts: [] });
  const { path } = await sealBundle({ stagingFolder, coverage, report, key: loadSigningKey(join(folder, 'keys')) });
  return path;
}
