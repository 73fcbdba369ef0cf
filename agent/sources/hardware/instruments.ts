import type { Sample } from '../../pipeline/metric-data.ts';
import type { MetricCatalogue } from '../metric-catalogue.ts';

/** Hardware metrics by OpenTelemetry's hardware conventions (1.44); every point carries hw.id, hw.type and hw.name. */
export const hardwareMetrics = {
  'hw.temperature': ['gauge', 'Cel', 'Temperature.'],
  'hw.temperature.limit': ['gauge', 'Cel', 'Temperature limit by hw.limit_type.'],
  'hw.fan.speed': ['gauge', 'rpm', 'Fan speed.'],
  'hw.fan.speed.limit': ['gauge', 'rpm', 'Fan speed limit by hw.limit_type.'],
  'hw.fan.speed_ratio': ['gauge', '1', 'Fan speed as a part of its largest.'],
  'hw.voltage': ['gauge', 'V', 'Voltage.'],
  'hw.voltage.limit': ['gauge', 'V', 'Voltage limit by hw.limit_type.'],
  'hw.power': ['gauge', 'W', 'Power drawn.'],
  'hw.energy': ['counter', 'J', 'Energy used.'],
  'hw.power_supply.usage': ['updown', 'W', 'Power that a power supply delivers.'],
  'hw.power_supply.limit': ['updown', 'W', 'Power that a power supply can deliver.'],
  'hw.battery.charge': ['gauge', '1', 'Remaining charge of a battery or UPS.'],
  'hw.battery.time_left': ['gauge', 's', 'Time until the battery is empty, or full while charging.'],
  'hw.errors': ['counter', '{error}', 'Errors that the hardware has counted, by error.type.'],
  'hw.status': ['updown', '1', 'One for the state the component is in, zero for the others.'],
  'hw.network.up': ['updown', '1', 'One when the link is up.'],
  'hw.network.bandwidth.limit': ['updown', 'By/s', 'Speed of the link.'],
  'hw.network.io': ['counter', 'By', 'Bytes that an RDMA port has moved, by network.io.direction.'],
  'hw.network.packets': ['counter', '{packet}', 'Packets that an RDMA port has moved, by network.io.direction.'],
  'hw.physical_disk.size': ['updown', 'By', 'Size of the disk.'],
  'hw.physical_disk.endurance_utilization': ['gauge', '1', 'Endurance of the disk by hw.physical_disk.state.'],
  'hw.physical_disk.smart': ['gauge', '1', 'S.M.A.R.T. value by hw.physical_disk.smart_attribute.'],
  'hw.memory.size': ['updown', 'By', 'Size of the memory module.'],
  'hw.gpu.utilization': ['gauge', '1', 'Part of the time that the GPU was busy, by hw.gpu.task.'],
  'hw.gpu.memory.usage': ['updown', 'By', 'GPU memory in use.'],
  'hw.gpu.memory.limit': ['updown', 'By', 'GPU memory there is.'],
  'hw.gpu.memory.utilization': ['gauge', '1', 'Part of the GPU memory in use.'],
} as const satisfies MetricCatalogue;

export type HardwareMetric = keyof typeof hardwareMetrics;

type HardwareType =
  | 'battery'
  | 'cpu'
  | 'disk_controller'
  | 'enclosure'
  | 'fan'
  | 'gpu'
  | 'memory'
  | 'network'
  | 'physical_disk'
  | 'power_supply'
  | 'temperature'
  | 'voltage';

/** One part of a machine. `id` is stable across boots as far as paths and serial numbers are. */
export interface Component {
  type: HardwareType;
  id: string;
  name: string;
  /** `id` of what it sits in. */
  parent?: string;
}

/** One measurement of a component. */
export interface HardwareReading extends Component {
  metric: HardwareMetric;
  value: number;
  attributes?: Readonly<Record<string, string>>;
}

/** Attributes of a reading by the hardware conventions. */
export function hardwareAttributes({ type, id, name, parent, attributes }: HardwareReading): Record<string, string> {
  return { 'hw.id': id, 'hw.type': type, 'hw.name': name, ...(parent && { 'hw.parent': parent }), ...attributes };
}

export const toSamples = (readings: readonly HardwareReading[]): Sample<HardwareMetric>[] =>
  readings.map((reading) => ({
    metric: reading.metric,
    value: reading.value,
    attributes: hardwareAttributes(reading),
  }));

/** What is said of one component, one call a value; a value that is not there is left out, never zero. */
export function describeComponent(component: Component) {
  const readings: HardwareReading[] = [];
  return {
    readings,
    add(metric: HardwareMetric, value: number | undefined, attributes?: Readonly<Record<string, string>>): void {
      if (value === undefined || !Number.isFinite(value)) return;
      readings.push({ ...component, metric, value, ...(attributes && { attributes }) });
    },
    status(current: HardwareState | undefined): void {
      if (current) readings.push(...status(component, current));
    },
  };
}

export type HardwareState = 'ok' | 'degraded' | 'failed';

/** One point per state, so that a chart shows the change and a sum stays one. */
export function status(component: Component, current: HardwareState): HardwareReading[] {
  return (['ok', 'degraded', 'failed'] as const).map((state) => ({
    ...component,
    metric: 'hw.status' as const,
    value: state === current ? 1 : 0,
    attributes: { 'hw.state': state },
  }));
}
