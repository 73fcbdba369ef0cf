import { join } from 'node:path';
import { describeComponent, type HardwareReading } from './instruments.ts';
import type { Sysfs } from './sysfs.ts';

const kinds = [
  ['aer_dev_correctable', 'TOTAL_ERR_COR', 'pcie_corrected'],
  ['aer_dev_nonfatal', 'TOTAL_ERR_NONFATAL', 'pcie_nonfatal'],
  ['aer_dev_fatal', 'TOTAL_ERR_FATAL', 'pcie_fatal'],
] as const;

/** Errors of PCI Express devices that Advanced Error Reporting has counted; devices without any are left out. */
export async function readPciErrors(sys: Sysfs): Promise<HardwareReading[]> {
  const root = 'bus/pci/devices';
  const readings: HardwareReading[] = [];
  for (const device of await sys.names(root)) {
    // Devices have no type among the conventions' own but for what they do; the class tells the common ones apart.
    const type = typeOf(await sys.value(join(root, device, 'class')));
    const component = describeComponent({ type, id: `pci/${device}`, name: `PCI device ${device}` });
    for (const [file, name, errorType] of kinds) {
      const total = new RegExp(`^${name} (\\d+)$`, 'm').exec((await sys.value(join(root, device, file))) ?? '')?.[1];
      if (total !== undefined && total !== '0') component.add('hw.errors', Number(total), { 'error.type': errorType });
    }
    readings.push(...component.readings);
  }
  return readings;
}

/** PCI class code: 0x01 storage, 0x02 network, 0x03 display, the rest belongs to the board. */
function typeOf(code: string | undefined): 'disk_controller' | 'network' | 'gpu' | 'enclosure' {
  if (code?.startsWith('0x01')) return 'disk_controller';
  if (code?.startsWith('0x02')) return 'network';
  return code?.startsWith('0x03') ? 'gpu' : 'enclosure';
}
