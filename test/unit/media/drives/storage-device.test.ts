import fc from 'fast-check';
import { expect, test } from 'vitest';
import { removal } from '../../../../media/drives/windows/removal.ts';
import { parseHotplug, parseStorageDevice } from '../../../../media/drives/windows/storage-device.ts';

/** STORAGE_DEVICE_DESCRIPTOR as winioctl.h lays it out; texts begin behind it. */
function descriptor(bus: number, texts: [place: number, text: string][], removable = 1): Buffer {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32LE(40, 0);
  bytes.writeUInt32LE(bytes.length, 4);
  bytes[10] = removable;
  bytes.writeUInt32LE(bus, 28);
  let at = 40;
  for (const [place, text] of texts) {
    bytes.writeUInt32LE(at, place);
    bytes.write(`${text}\0`, at, 'latin1');
    at += text.length + 1;
  }
  return bytes;
}

test('a stick tells its bus, its maker, its model and its serial number', () => {
  const bytes = descriptor(7, [
    [12, 'SanDisk '],
    [16, 'Extreme Pro     '],
    [24, '4C530001230101117392'],
  ]);
  expect(parseStorageDevice(bytes)).toEqual({
    ...{ bus: 'usb', removableMedium: true, vendor: 'SanDisk', model: 'Extreme Pro', serial: '4C530001230101117392' },
  });
  expect(parseStorageDevice(descriptor(17, [], 0))).toMatchObject({
    bus: 'nvme',
    removableMedium: false,
    serial: null,
  });
  expect(parseStorageDevice(descriptor(12, []))?.bus).toBe('sd');
  expect(parseStorageDevice(descriptor(99, []))?.bus).toBe('unknown');
});

test('offsets that lead elsewhere, texts without an end and other bytes than letters are no text', () => {
  const bytes = descriptor(7, [[12, 'a\u0001b']]);
  bytes.writeUInt32LE(5000, 16);
  bytes.writeUInt32LE(4, 24);
  expect(parseStorageDevice(bytes)).toMatchObject({ vendor: null, model: null, serial: null });
  expect(parseStorageDevice(Buffer.alloc(20))).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (random) => {
      const parsed = parseStorageDevice(Buffer.from(random));
      for (const text of [parsed?.vendor, parsed?.model, parsed?.serial]) expect(text ?? 'x').toMatch(/^[\x20-\x7e]+$/);
    }),
  );
});

test('the removal policy is that of the device, not of its medium', () => {
  // STORAGE_HOTPLUG_INFO: size, then MediaRemovable, MediaHotplug, DeviceHotplug, WriteCacheEnableOverride.
  expect(parseHotplug(Buffer.from([8, 0, 0, 0, 0, 0, 1, 0]))).toBe(true);
  expect(parseHotplug(Buffer.from([8, 0, 0, 0, 1, 1, 0, 0]))).toBe(false);
  expect(parseHotplug(Buffer.alloc(3))).toBe(false);
});

test('a disk on USB may be pulled out whatever Windows calls its type, and one inside the machine may not', () => {
  const device = (bus: number, removable: 0 | 1) => parseStorageDevice(descriptor(bus, [], removable));
  const said = (...facts: Parameters<typeof removal>) => Object.values(removal(...facts));
  expect(said('fixed', device(7, 0), false)).toEqual([true, 'usb bus, presents as a fixed disk']);
  expect(said('removable', device(7, 1), false)).toEqual([true, 'usb bus, removable medium']);
  expect(said('removable', device(12, 1), false)).toEqual([true, 'card reader']);
  expect(said('fixed', device(11, 0), true)).toEqual([true, 'removal policy of a hot-plug device on sata']);
  expect(said('fixed', device(17, 0), false)).toEqual([false, 'nvme bus']);
  expect(said('network', undefined, false)).toEqual([false, 'network']);
  expect(said('fixed', undefined, false)).toEqual([false, 'unknown bus']);
});
