import type { MetricCatalogue } from '../metric-catalogue.ts';

/** Hardware metrics by OpenTelemetry's hardware conventions (1.44); every point carries hw.id, hw.type and hw.name. */
export const hardwareMetrics = {
  'hw.temperature': ['gauge', 'Cel', 'Temperature.'],
  'hw.temperature.limit': ['gauge', 'Cel', 'Temperature limit by hw.limit_type.'],
  'hw.fan.speed': ['gauge', 'rpm', 'Fan speed.'],
  'hw.voltage': ['gauge', 'V', 'Voltage.'],
  'hw.voltage.limit': ['gauge', 'V', 'Voltage limit by hw.limit_type.'],
  'hw.power': ['gauge', 'W', 'Power drawn.'],
  'hw.energy': ['counter', 'J', 'Energy used.'],
  'hw.battery.charge': ['gauge', '1', 'Remaining charge of a battery or UPS.'],
  'hw.battery.time_left': ['gauge', 's', 'Time until the battery is empty, or full while charging.'],
  'hw.errors': ['counter', '{error}', 'Errors that the hardware has counted, by error.type.'],
  'hw.status': ['updown', '1', 'One for the state the component is in, zero for the others.'],
  'hw.network.up': ['updown', '1', 'One when the link is up.'],
  'hw.network.bandwidth.limit': ['updown', 'By/s', 'Speed of the link.'],
} as const satisfies MetricCatalogue;

type HardwareMetric = keyof typeof hardwareMetrics;

/** One measurement of a component. `id` is stable across boots as far as the kernel's paths are. */
export interface HardwareReading {
  metric: HardwareMetric;
  value: number;
  type: 'temperature' | 'fan' | 'voltage' | 'power_supply' | 'battery' | 'memory' | 'network' | 'cpu' | 'enclosure';
  id: string;
  name: string;
  attributes?: Readonly<Record<string, string>>;
}
