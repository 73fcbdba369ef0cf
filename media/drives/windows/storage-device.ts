/** What a device says of itself (STORAGE_DEVICE_DESCRIPTOR of winioctl.h). */
export interface StorageDevice {
  bus: string;
  removableMedium: boolean;
  vendor: string | null;
  model: string | null;
  serial: string | null;
}

/** STORAGE_PROPERTY_QUERY for StorageDeviceProperty, PropertyStandardQuery. */
export const deviceQuery = new Uint8Array(12);

/** STORAGE_BUS_TYPE, in its order. */
const buses = [
  ...['unknown', 'scsi', 'atapi', 'ata', 'external', 'ssa', 'fibre', 'usb', 'raid', 'iscsi', 'sas', 'sata', 'sd', 'sd'],
  ...['virtual', 'virtual', 'spaces', 'nvme', 'scm', 'ufs'],
];
const at = { removableMedium: 10, vendor: 12, product: 16, serial: 24, bus: 28, end: 36 };

/** Reads the descriptor; texts are at offsets that the device gives, and may lie outside of what came. */
export function parseStorageDevice(bytes: Buffer): StorageDevice | undefined {
  if (bytes.length < at.end) return undefined;
  const text = (place: number): string | null => {
    const offset = bytes.readUInt32LE(place);
    if (offset < at.end || offset >= bytes.length) return null;
    const end = bytes.indexOf(0, offset);
    const found = bytes.toString('latin1', offset, end < 0 ? bytes.length : end).trim();
    return /[^\x20-\x7e]/.test(found) ? null : found || null;
  };
  return {
    bus: buses[bytes.readUInt32LE(at.bus)] ?? 'unknown',
    removableMedium: bytes[at.removableMedium] !== 0,
    vendor: text(at.vendor),
    model: text(at.product),
    serial: text(at.serial),
  };
}

/** DeviceHotplug of STORAGE_HOTPLUG_INFO: the removal policy, whatever the device calls itself. */
export const parseHotplug = (bytes: Buffer): boolean => bytes.length >= 7 && bytes[6] !== 0;
