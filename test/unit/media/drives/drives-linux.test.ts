import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSameDrive } from '../../../../media/drives/drive.ts';
import { mountOf, parseMountinfo } from '../../../../media/drives/mountinfo.ts';
import { linuxDrives } from '../../../../media/drives/system-linux.ts';

let top: string;
let mounts: string[];

beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'sextant-sys-')));
  mounts = [];
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

/** A disk with one partition in a tree like /sys, mounted somewhere. */
function plug(
  number: string,
  place: string,
  disk: string,
  files: Record<string, string>,
  mount: { type: string; options?: string; superOptions?: string; udev?: string },
): void {
  const folder = join(top, 'sys/devices', place, 'block', disk);
  const partition = join(folder, `${disk}1`);
  mkdirSync(partition, { recursive: true });
  mkdirSync(join(top, 'sys/dev/block'), { recursive: true });
  mkdirSync(join(top, 'udev'), { recursive: true });
  writeFileSync(join(partition, 'partition'), '1\n');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${content}\n`);
  }
  symlinkSync(partition, join(top, 'sys/dev/block', number));
  if (mount.udev) writeFileSync(join(top, 'udev', `b${number}`), mount.udev);
  const { type, options = 'rw,relatime', superOptions = 'rw' } = mount;
  mounts.push(`36 25 ${number} / /media/${disk} ${options} - ${type} /nothing/${disk}1 ${superOptions}`);
}
const list = () => {
  writeFileSync(join(top, 'mountinfo'), `${mounts.join('\n')}\n`);
  return linuxDrives({
    mountinfo: join(top, 'mountinfo'),
    sysRoot: join(top, 'sys'),
    udevRoot: join(top, 'udev'),
  }).list();
};
const usbPort = 'pci0000:00/0000:00:14.0/usb2/2-1';
const usbDisk = `${usbPort}/2-1:1.0/host4/target4:0:0/4:0:0:0`;

test('a USB disk that presents as fixed is removable, with the serial number of its port', async () => {
  plug(
    '8:17',
    usbDisk,
    'sdb',
    { removable: '0', ro: '0', '../../vendor': 'x', 'device/model': 'T7' },
    { type: 'exfat' },
  );
  writeFileSync(join(top, 'sys/devices', usbPort, 'removable'), 'removable\n');
  writeFileSync(join(top, 'sys/devices', usbPort, 'serial'), '4C530001\n');
  expect(await list()).toMatchObject([
    {
      path: '/media/sdb',
      bus: 'usb',
      removable: true,
      removableBecause: 'usb bus, presents as a fixed disk',
      model: 'T7',
      serial: '4C530001',
      filesystem: 'exfat',
      readOnlyBecause: null,
    },
  ]);
});

test('a USB disk that is soldered to a fixed port is not', async () => {
  plug('8:17', usbDisk, 'sdb', { removable: '0', ro: '0' }, { type: 'ext4' });
  writeFileSync(join(top, 'sys/devices', usbPort, 'removable'), 'fixed\n');
  expect(await list()).toMatchObject([{ removable: false, removableBecause: 'usb device on a fixed port' }]);
});

test('a disk of the machine is not removable, a card is', async () => {
  plug('8:1', 'pci0/ata1/host0/target0:0:0/0:0:0:0', 'sda', { removable: '0', ro: '0' }, { type: 'ext4' });
  plug('179:1', 'platform/mmc_host/mmc0/mmc0:0001', 'mmcblk0', { removable: '0', ro: '0' }, { type: 'vfat' });
  expect(await list()).toMatchObject([
    { bus: 'sata', removable: false },
    { bus: 'sd', removable: true, removableBecause: 'card reader' },
  ]);
});

test.for([
  ['1', 'rw', 'rw', /the device refuses writing/],
  ['0', 'rw', 'ro', /filesystem is mounted read-only/],
  ['0', 'ro,nosuid', 'rw', /mount option ro/],
] as const)(
  'says who forbids writing: device %s, mount %s, filesystem %s',
  async ([ro, options, superOptions, reason]) => {
    plug('8:17', usbDisk, 'sdb', { removable: '1', ro }, { type: 'vfat', options, superOptions });
    expect((await list())[0]?.readOnlyBecause).toMatch(reason);
  },
);

test('what udev knows comes first', async () => {
  const udev =
    'S:disk/by-id/x\nE:ID_SERIAL_SHORT=AA11\nE:ID_FS_UUID=1A2B-3C4D\nE:ID_FS_LABEL=STICK\nE:ID_MODEL=Ultra\n';
  plug('8:17', usbDisk, 'sdb', { removable: '1', ro: '0' }, { type: 'vfat', udev });
  expect(await list()).toMatchObject([{ serial: 'AA11', volumeId: '1A2B-3C4D', label: 'STICK', model: 'Ultra' }]);
});

test('the mount of a path is the last of the longest, with blanks in names', () => {
  const lines = parseMountinfo(
    '1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 8:2 / /media/my\\040stick rw - vfat /dev/b rw\n3 1 8:3 / /media/my\\040stick ro - vfat /dev/c ro\n',
  );
  expect(mountOf(lines, '/media/my stick/x')?.deviceNumber).toBe('8:3');
  expect(mountOf(lines, '/media/my stickler')?.deviceNumber).toBe('8:1');
});

test('drives are the same when all that both know is equal, and something is', () => {
  const drive = { serial: 'A', volumeId: '1' };
  expect(isSameDrive(drive, { serial: 'A', volumeId: '1' })).toBe(true);
  expect(isSameDrive(drive, { serial: null, volumeId: '1' })).toBe(true);
  expect(isSameDrive(drive, { serial: 'A', volumeId: '2' })).toBe(false);
  expect(isSameDrive(drive, { serial: null, volumeId: null })).toBe(false);
});
