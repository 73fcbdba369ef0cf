import type { BatchObservableCallback } from '@opentelemetry/api';
import { createInstruments } from '../metric-catalogue.ts';
import type { Source, SourceContext } from '../source.ts';
import { readHwmon } from './hwmon.ts';
import { type HardwareReading, hardwareAttributes, hardwareMetrics } from './instruments.ts';
import { readMemoryErrors } from './memory-errors.ts';
import { readNetworkLinks } from './network-links.ts';
import { readPowerSupplies } from './power-supplies.ts';
import { readRdmaPorts } from './rdma-ports.ts';
import type { Sysfs } from './sysfs.ts';
import { readThermalZones } from './thermal-zones.ts';

/** Some controllers answer over slow buses (SMBus, BMC): reading may take this share of the time, 0.5 %. */
const timeShare = 1 / 200;

/** Sensors, batteries, memory errors, links and RDMA ports by the hardware conventions, from /sys at every sample. */
export function createSensorsSource(context: SourceContext, sys: Sysfs): Source {
  const instruments = createInstruments(context.meter, hardwareMetrics);
  const observables = Object.values(instruments);
  let state: 'starting' | 'running' | 'absent' = 'starting';
  let detail: string | undefined;
  let samples = 0;
  let lastRecordUnixMs: number | undefined;
  let last: { dueMs: number; readings: HardwareReading[] } | undefined;

  const observe: BatchObservableCallback = async (result) => {
    const now = context.nowMs();
    if (!last || now >= last.dueMs) {
      const started = performance.now();
      const readings = await readHardware(sys);
      last = { dueMs: now + (performance.now() - started) / timeShare, readings };
    }
    for (const reading of last.readings) {
      result.observe(instruments[reading.metric], reading.value, hardwareAttributes(reading));
    }
    samples += last.readings.length;
    lastRecordUnixMs = now;
  };

  return {
    name: 'sensors',
    async start() {
      const found = context.profile.hardware.enabled && (await readHardware(sys)).length > 0;
      if (!found) {
        state = 'absent';
        detail = context.profile.hardware.enabled ? 'the machine shows no sensors' : 'switched off in the profile';
        return;
      }
      context.meter.addBatchObservableCallback(observe, observables);
      state = 'running';
    },
    async close() {
      context.meter.removeBatchObservableCallback(observe, observables);
    },
    health() {
      const hanging = context.questions.hanging();
      const told = hanging.length > 0 ? `no answer from ${hanging.join(', ')}` : detail;
      return {
        name: 'sensors',
        state,
        records: samples,
        dropped: 0,
        ...(lastRecordUnixMs === undefined ? {} : { lastRecordUnixMs }),
        ...(told === undefined ? {} : { detail: told }),
      };
    },
  };
}

/** All that /sys shows of the hardware. One after the other: a bus that hangs holds one thread. */
export async function readHardware(sys: Sysfs): Promise<HardwareReading[]> {
  const hwmon = await readHwmon(sys);
  const drivers = new Set(hwmon.map(({ id }) => id.slice(0, id.indexOf('@')).replaceAll('-', '_')));
  return [
    ...hwmon,
    ...(await readThermalZones(sys, drivers)),
    ...(await readPowerSupplies(sys)),
    ...(await readMemoryErrors(sys)),
    ...(await readNetworkLinks(sys)),
    ...(await readRdmaPorts(sys)),
  ];
}
