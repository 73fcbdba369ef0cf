import type { Static } from 'typebox';
import { addEndurance } from '../endurance.ts';
import { type Component, describeComponent, type HardwareReading, type HardwareState } from '../instruments.ts';
import type * as schema from './schemas.ts';

/** Where a part sits. */
export interface Place {
  host: string;
  parent: string;
}
type Part = {
  '@odata.id'?: string | null;
  MemberId?: string | null;
  Name?: string | null;
  Status?: Status | undefined;
};
type Status = Static<typeof schema.Status>;
type Thresholds = Partial<Record<(typeof limitTypes)[number][0], number | null>>;

const limitTypes = [
  ['UpperThresholdNonCritical', 'high.degraded'],
  ['UpperThresholdCritical', 'high.critical'],
  ['LowerThresholdNonCritical', 'low.degraded'],
  ['LowerThresholdCritical', 'low.critical'],
] as const;

export const idOf = (host: string, path: string): string => `redfish/${host}${path.startsWith('/') ? '' : '/'}${path}`;

/** Null is how Redfish writes "cannot tell". */
const known = (value: number | null | undefined): number | undefined => value ?? undefined;

/** Undefined for what is not there or switched off: an empty slot is no failure. */
function stateOf(status: Status | undefined): HardwareState | undefined {
  const { State, Health, HealthRollup } = status ?? {};
  if (State === 'Absent' || State === 'Disabled' || State === 'StandbyOffline') return undefined;
  const health = Health ?? HealthRollup;
  return health === 'OK' ? 'ok' : health === 'Warning' ? 'degraded' : health === 'Critical' ? 'failed' : undefined;
}

const absent = (part: Part): boolean => part.Status?.State === 'Absent';

function describePart(part: Part, type: Component['type'], at: Place, index: number | string) {
  const path = part['@odata.id'] ?? `${at.parent.slice(`redfish/${at.host}`.length)}#${type}/${part.MemberId ?? index}`;
  const component = describeComponent({
    type,
    id: idOf(at.host, path),
    name: part.Name ?? `${type} ${part.MemberId ?? index}`,
    parent: at.parent,
  });
  return component;
}

function addLimits(
  component: ReturnType<typeof describeComponent>,
  metric: 'hw.temperature.limit' | 'hw.voltage.limit',
  values: Thresholds,
): void {
  for (const [name, type] of limitTypes) component.add(metric, known(values[name]), { 'hw.limit_type': type });
}

export function chassis(document: Static<typeof schema.Chassis>, host: string): HardwareReading[] {
  return whole(document, host, 'chassis');
}

export function system(document: Static<typeof schema.System>, host: string): HardwareReading[] {
  const parent = idOf(host, document['@odata.id'] ?? 'system');
  const readings = whole(document, host, 'system');
  for (const [type, name, summary] of [
    ['cpu', 'Processors', document.ProcessorSummary],
    ['memory', 'Memory', document.MemorySummary],
  ] as const) {
    const component = describeComponent({ type, id: `${parent}#${name}`, name, parent });
    component.status(stateOf(summary?.Status));
    readings.push(...component.readings);
  }
  return readings;
}

function whole(document: Part, host: string, fallback: string): HardwareReading[] {
  const id = idOf(host, document['@odata.id'] ?? fallback);
  const component = describeComponent({ type: 'enclosure', id, name: document.Name ?? fallback });
  component.status(stateOf(document.Status));
  return component.readings;
}

/** `Thermal`: temperatures and fans of older services. */
export function thermal(document: Static<typeof schema.Thermal>, at: Place): HardwareReading[] {
  const temperatures = (document.Temperatures ?? []).flatMap((sensor, index) => {
    if (absent(sensor)) return [];
    const component = describePart(sensor, 'temperature', at, index);
    component.add('hw.temperature', known(sensor.ReadingCelsius));
    addLimits(component, 'hw.temperature.limit', sensor);
    component.status(stateOf(sensor.Status));
    return component.readings;
  });
  const fans = (document.Fans ?? []).flatMap((sensor, index) => {
    if (absent(sensor)) return [];
    const named = { ...sensor, Name: sensor.Name ?? sensor.FanName ?? null };
    const component = describePart(named, 'fan', at, index);
    const percent = sensor.ReadingUnits === 'Percent';
    const reading = known(sensor.Reading);
    component.add(
      percent ? 'hw.fan.speed_ratio' : 'hw.fan.speed',
      percent && reading !== undefined ? reading / 100 : reading,
    );
    component.status(stateOf(sensor.Status));
    return component.readings;
  });
  return [...temperatures, ...fans];
}

/** `Power`: consumption, voltages and power supplies of older services. */
export function power(document: Static<typeof schema.Power>, at: Place): HardwareReading[] {
  const consumption = (document.PowerControl ?? []).flatMap((control, index) => {
    const component = describePart(control, 'enclosure', at, index);
    component.add('hw.power', known(control.PowerConsumedWatts));
    return component.readings;
  });
  const voltages = (document.Voltages ?? []).flatMap((sensor, index) => {
    if (absent(sensor)) return [];
    const component = describePart(sensor, 'voltage', at, index);
    component.add('hw.voltage', known(sensor.ReadingVolts));
    addLimits(component, 'hw.voltage.limit', sensor);
    component.status(stateOf(sensor.Status));
    return component.readings;
  });
  const supplies = (document.PowerSupplies ?? []).flatMap((supply, index) => {
    if (absent(supply)) return [];
    const component = describePart(supply, 'power_supply', at, index);
    component.add('hw.power_supply.usage', known(supply.PowerOutputWatts ?? supply.LastPowerOutputWatts));
    component.add('hw.power_supply.limit', known(supply.PowerCapacityWatts));
    component.status(stateOf(supply.Status));
    return component.readings;
  });
  return [...consumption, ...voltages, ...supplies];
}

export function fan(document: Static<typeof schema.Fan>, at: Place): HardwareReading[] {
  if (absent(document)) return [];
  const component = describePart(document, 'fan', at, 0);
  const percent = known(document.SpeedPercent?.Reading);
  component.add('hw.fan.speed_ratio', percent === undefined ? undefined : percent / 100);
  component.add('hw.fan.speed', known(document.SpeedPercent?.SpeedRPM));
  component.status(stateOf(document.Status));
  return component.readings;
}

export function temperatures(document: Static<typeof schema.ThermalMetrics>, at: Place): HardwareReading[] {
  return (document.TemperatureReadingsCelsius ?? []).flatMap((sensor, index) => {
    const name = sensor.DeviceName ?? sensor.PhysicalContext ?? `temperature ${index}`;
    const component = describePart({ Name: name, MemberId: name }, 'temperature', at, index);
    component.add('hw.temperature', known(sensor.Reading));
    return component.readings;
  });
}

export function powerSupply(
  document: Static<typeof schema.PowerSupply>,
  metrics: Static<typeof schema.PowerSupplyMetrics> | undefined,
  at: Place,
): HardwareReading[] {
  if (absent(document)) return [];
  const component = describePart(document, 'power_supply', at, 0);
  component.add('hw.power_supply.usage', known(metrics?.OutputPowerWatts?.Reading));
  component.add('hw.power_supply.limit', known(document.PowerCapacityWatts));
  component.status(stateOf(document.Status));
  return component.readings;
}

export function memory(document: Static<typeof schema.Memory>, at: Place): HardwareReading[] {
  if (absent(document)) return [];
  const name = document.DeviceLocator ?? document.Name ?? null;
  const component = describePart({ ...document, Name: name }, 'memory', at, 0);
  const mebibytes = known(document.CapacityMiB);
  component.add('hw.memory.size', mebibytes === undefined ? undefined : mebibytes * 2 ** 20);
  component.status(stateOf(document.Status));
  return component.readings;
}

export function drive(document: Static<typeof schema.Drive>, at: Place): HardwareReading[] {
  if (absent(document)) return [];
  const component = describePart(document, 'physical_disk', at, 0);
  component.add('hw.physical_disk.size', known(document.CapacityBytes));
  const left = known(document.PredictedMediaLifeLeftPercent);
  addEndurance(component.add, left === undefined ? undefined : 1 - left / 100);
  const current = stateOf(document.Status);
  component.status(document.FailurePredicted && current !== 'failed' ? 'degraded' : current);
  return component.readings;
}
