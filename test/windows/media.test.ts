import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyBundle } from '../../bundle/verify.ts';
import type { Drive } from '../../media/drives/drive.ts';
import type { ExportResult } from '../../media/export/export-bundle.ts';
import { makeRandomBundle } from '../faults/media/random-bundle.ts';
import { buildAgentForWine, buildForWine } from './windows-program.ts';
import { createWine, describeUnderWine, type Wine } from './wine.ts';

interface Told {
  policy: string | null;
  listed: Drive[];
  of: Drive;
  steps: string[];
  result: ExportResult;
}

describeUnderWine('drives of Windows', () => {
  let wine: Wine;
  let folder: string;
  let bundlePath: string;
  let stick: string;
  let told: Told;
  let tell: (...args: string[]) => Promise<Told>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sextant-drives-'));
    bundlePath = await makeRandomBundle(folder, 3, 2 ** 20);
    stick = join(folder, 'stick');
    mkdirSync(stick);
    // How Wine gives a folder the label and the serial number of a volume.
    writeFileSync(join(stick, '.windows-label'), 'STICK\n');
    writeFileSync(join(stick, '.windows-serial'), '1a2b3c4d\n');
    wine = await createWine();
    symlinkSync(stick, join(wine.driveC, '../dosdevices/e:'));
    const { media } = await buildForWine({ media: 'test/windows/media-windows.ts' }, join(folder, 'program'));
    tell = async (...args) => {
      const { code, stdout, stderr } = await wine.runNode([media, ...args], { timeoutMs: 180_000 });
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    };
    told = await tell(wine.windowsPath(bundlePath), 'E:\\');
  }, 300_000);
  afterAll(async () => {
    await wine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('each has its letter, volume, filesystem and space', () => {
    expect(told.listed.map(({ path }) => path)).toEqual(expect.arrayContaining(['C:\\', 'E:\\', 'Z:\\']));
    const [c, e] = ['C:\\', 'E:\\'].map((root) => told.listed.find(({ path }) => path === root));
    expect(e).toMatchObject({ label: 'STICK', volumeId: '1A2B-3C4D', filesystem: 'ntfs', readOnlyBecause: null });
    expect(e?.device).toMatch(/^\\\\\?\\Volume\{[0-9a-f-]{36}\}$/);
    expect(c).toMatchObject({ removable: false, filesystem: 'ntfs' });
    expect(c?.totalBytes).toBeGreaterThan(c?.freeBytes ?? 0);
    expect(told.of).toMatchObject({ path: 'E:\\', volumeId: '1A2B-3C4D' });
  });

  test('a bundle is exported, read back without buffers, and sound on the other side', async () => {
    const copy = join(stick, basename(bundlePath));
    expect((await verifyBundle(copy)).ok).toBe(true);
    const receipt = JSON.parse(readFileSync(`${copy}.receipt.json`, 'utf8'));
    expect(receipt).toMatchObject({ state: 'complete', medium: { volumeId: '1A2B-3C4D', label: 'STICK' } });
    expect(new Set(receipt.parts.map(({ readBack }: { readBack: string }) => readBack))).toEqual(new Set(['direct']));
    expect(told.steps.filter((step) => step === 'checked')).toHaveLength(receipt.parts.length);
    expect(told.steps.at(-1)).toBe('finished');
    // Wine has a folder where Windows has a volume: what it refuses is said, step by step, and is no failure of the export.
    const ejected = told.result.media[0]?.ejected ?? [];
    expect(ejected.map(({ step }) => step).slice(0, 2)).toEqual(['sync', 'unmount']);
    for (const { done, detail } of ejected) expect(done || /\(Windows error \d+\)$/.test(detail), detail).toBe(true);
  });

  test('the program of a node finds a drive by its label, and goes on with an export', async () => {
    const sextant = await buildAgentForWine(join(folder, 'agent'));
    const data = wine.windowsPath(join(folder, 'data'));
    const command = ['bundle', 'export', wine.windowsPath(bundlePath), '--to', 'STICK', '--resume', '--data-dir', data];
    const exported = await wine.runNode([sextant, ...command]);
    expect(exported.stdout).toContain('past the page cache');
    expect(exported.stdout).toContain('is on media, checked.');
    expect([exported.code, exported.stderr]).toEqual([0, expect.stringContaining('checking again')]);
  }, 120_000);

  test('a policy that forbids writing is reported as that policy', async () => {
    const policies: [key: string, value: string, said: RegExp][] = [
      ['HKLM\\System\\CurrentControlSet\\Control\\StorageDevicePolicies', 'WriteProtect', /WriteProtect/],
      [
        'HKLM\\Software\\Policies\\Microsoft\\Windows\\RemovableStorageDevices\\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}',
        'Deny_Write',
        /Removable Disks: Deny write access/,
      ],
    ];
    expect(told.policy).toBeNull();
    for (const [key, value, said] of policies) {
      await wine.run('reg', ['add', key, '/v', value, '/t', 'REG_DWORD', '/d', '1', '/f']);
      const { policy, listed } = await tell();
      expect(policy).toMatch(said);
      // Not one of removable storage.
      expect(listed.find(({ path }) => path === 'C:\\')?.readOnlyBecause).toBeNull();
      await wine.run('reg', ['delete', key, '/v', value, '/f']);
    }
  }, 120_000);
});
