import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatBundleName } from '../../../bundle/bundle-name.ts';
import { type Coverage, coverageState } from '../../../bundle/coverage.ts';
import { loadSigningKey, type MinisignSecretKey } from '../../../bundle/minisign-key.ts';
import { renderReport } from '../../../bundle/report.ts';
import { sealBundle } from '../../../bundle/seal.ts';
import { createStaging } from '../../../bundle/staging.ts';
import { createVolumeWriter } from '../../../bundle/volume-writer.ts';

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'sextant-bundle-'));

export function sampleCoverage(change: Partial<Coverage> = {}): Coverage {
  const coverage: Coverage = {
    format: 'sextant-coverage/1',
    bundle: {
      id: 'k3v9x2m4p7q1',
      name: formatBundleName({ site: 'Plant 7', createdMs: Date.UTC(2026, 10, 20, 10), id: 'k3v9x2m4p7q1' }),
      site: 'Plant 7',
      state: 'complete',
      from: '2026-11-20T09:45:00.000Z',
      until: '2026-11-20T10:00:00.000Z',
      createdAt: '2026-11-20T10:00:00.000Z',
      finishedAt: '2026-11-20T10:00:42.000Z',
      roles: [],
      redaction: 'standard',
      recipients: 0,
    },
    nodes: [
      {
        node: 'node-1',
        state: 'gathered',
        reason: null,
        os: 'Debian 13',
        version: '0.1.0',
        lastSeen: '2026-11-20T10:00:00.000Z',
        clockOffsetMs: 12,
        inventoryCollectedAt: '2026-11-20T06:00:00.000Z',
        volumes: [{ name: 'node-1.v001.zip', bytes: 0 }],
      },
    ],
    sources: [
      {
        node: 'node-1',
        source: 'system/logs',
        state: 'ok',
        bytes: 11,
        first: '2026-11-20T09:45:01.000Z',
        last: '2026-11-20T09:59:59.000Z',
        reason: null,
        masked: { password: 2 },
      },
    ],
    masked: { password: 2 },
    ...change,
  };
  coverage.bundle.state = coverageState(coverage);
  return coverage;
}

/** A whole, small, signed bundle with two volumes. */
export async function makeSampleBundle(folder: string): Promise<{ path: string; key: MinisignSecretKey }> {
  const key = loadSigningKey(join(folder, 'keys'));
  const coverage = sampleCoverage();
  const stagingFolder = await createStaging(folder, coverage.bundle.name);
  for (const base of ['node-1', 'telemetry']) {
    const writer = createVolumeWriter({ folder: join(stagingFolder, 'data'), base });
    for (let n = 0; n < 3; n++) {
      await writer.add({ path: `var/log/file-${n}.log`, modifiedMs: Date.UTC(2026, 10, 20, 9) }, [
        Buffer.from(`line ${n} `.repeat(2000)),
      ]);
    }
    await writer.close();
  }
  const report = renderReport({ coverage, alerts: [], inventories: [], charts: [] });
  const { path } = await sealBundle({ stagingFolder, coverage, report, key });
  return { path, key };
}
