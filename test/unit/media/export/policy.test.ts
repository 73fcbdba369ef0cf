import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { signMinisign } from '../../../../bundle/minisign.ts';
import { loadSigningKey } from '../../../../bundle/minisign-key.ts';
import type { Drive } from '../../../../media/drives/drive.ts';
import { checkApprovals, checkDevice, type ExportPolicy } from '../../../../media/export/policy.ts';
import { checkFitness } from '../../../../media/export/preflight.ts';

const folder = mkdtempSync(join(tmpdir(), 'sextant-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const alice = loadSigningKey(join(folder, 'alice'));
const mallory = loadSigningKey(join(folder, 'mallory'));
const tagManifest = Buffer.from('what the bundle is');
const policy: ExportPolicy = { allowedDevices: ['S1'], approvers: [`alice=${alice.publicKey.line}`], approvals: 1 };
const drive: Drive = {
  path: folder,
  device: '/dev/sdb1',
  bus: 'usb',
  removable: true,
  removableBecause: 'usb bus',
  vendor: null,
  model: null,
  serial: 'S1',
  volumeId: 'V1',
  label: null,
  filesystem: 'vfat',
  totalBytes: null,
  freeBytes: null,
  readOnlyBecause: null,
};

test('a drive is allowed by its serial number or its volume, and refused with both when it is not listed', () => {
  checkDevice(policy, drive);
  checkDevice({ ...policy, allowedDevices: ['V1'] }, drive);
  checkDevice({ ...policy, allowedDevices: [] }, { ...drive, serial: null, volumeId: null });
  expect(() => checkDevice(policy, { ...drive, serial: 'S2' })).toThrow(/serial S2, volume V1/);
  expect(() => checkDevice(policy, { ...drive, serial: null, volumeId: null })).toThrow(/no known serial/);
});

test('another person’s signature over this bundle approves; none, a stranger’s, an old one and one’s own do not', () => {
  const approved = signMinisign(tagManifest, alice, 'approved');
  const check = (signatures: string[], who = 'bob') => checkApprovals(policy, { tagManifest, signatures, who });
  expect(check([approved])).toEqual(['alice']);
  expect(() => check([])).toThrow(/wants 1 approval.* there are 0/);
  expect(() => check([signMinisign(tagManifest, mallory, 'approved')])).toThrow(/there are 0/);
  expect(() => check([signMinisign(Buffer.from('another bundle'), alice, 'approved')])).toThrow(/there are 0/);
  expect(() => check([approved], 'alice')).toThrow(/by others than alice .* one’s own signature does not count/);
  expect(() => check([signMinisign(tagManifest, mallory, 'approved')])).toThrow(
    /of keys that media.approvers does not have/,
  );
  expect(() => check([])).toThrow(/there are 0$/);
  expect(() =>
    checkApprovals({ ...policy, approvals: 2 }, { tagManifest, signatures: [approved, approved], who: 'bob' }),
  ).toThrow(/there are 1/);
});

test('a file that FAT cannot hold is named before anything is written; exFAT takes it', async () => {
  const parts = [{ path: 'data/node-1.v001.zip', sha512: '', bytes: 2 ** 32 }];
  await expect(checkFitness(folder, drive, parts)).rejects.toThrow(
    /node-1.v001.zip has 4294967296 bytes; vfat holds files of 4294967295/,
  );
  await checkFitness(folder, { ...drive, filesystem: 'exfat' }, parts);
});
