import { join } from 'node:path';
import type { Component, HardwareReading } from './instruments.ts';
import type { Sysfs } from './sysfs.ts';

/** Memory errors that EDAC has counted, per module where the controller tells, else per controller. */
export async function readMemoryErrors(sys: Sysfs): Promise<HardwareReading[]> {
  const readings: HardwareReading[] = [];
  const root = 'devices/system/edac/mc';
  for (const controller of await sys.names(root)) {
    if (!/^mc\d+$/.test(controller)) continue;
    const folder = join(root, controller);
    const modules = (await sys.names(folder)).filter((name) => /^(dimm|rank)\d+$/.test(name));
    for (const module of modules) {
      const label = await sys.value(join(folder, module, 'dimm_label'));
      const common = {
        type: 'memory',
        id: `edac/${controller}/${module}`,
        name: label || module,
        parent: `edac/${controller}`,
      } as const;
      push(
        common,
        await sys.number(join(folder, module, 'dimm_ce_count')),
        await sys.number(join(folder, module, 'dimm_ue_count')),
      );
    }
    if (modules.length > 0) continue;
    const common = {
      type: 'memory',
      id: `edac/${controller}`,
      name: (await sys.value(join(folder, 'mc_name'))) ?? controller,
    } as const;
    push(common, await sys.number(join(folder, 'ce_count')), await sys.number(join(folder, 'ue_count')));
  }

  function push(common: Component, corrected: number | undefined, uncorrected: number | undefined): void {
    for (const [errorType, count] of [
      ['corrected', corrected],
      ['uncorrected', uncorrected],
    ] as const) {
      if (count === undefined) continue;
      readings.push({ ...common, metric: 'hw.errors', value: count, attributes: { 'error.type': errorType } });
    }
  }
  return readings;
}
