import type { ProgramQueue } from '../../programs/program-queue.ts';
import { type Component, describeComponent, type HardwareReading, type HardwareState } from './instruments.ts';

/** A BMC answers some tens of sensors a second. */
const timeoutMs = 60_000;
const maxBytes = 512 * 1024;

/** Sensors of the machine's own BMC through ipmitool. Undefined when there is no BMC or no driver for it. */
export async function readIpmi(
  ipmitool: string,
  programs: ProgramQueue,
  signal: AbortSignal,
): Promise<HardwareReading[] | undefined> {
  const limits = { timeoutMs, maxBytes, signal };
  const sensors = await programs.ask([ipmitool, 'sensor', 'list'], limits);
  if (/could not open device/i.test(sensors.errorText)) return undefined;
  if (sensors.exitCode !== 0 && sensors.text === '') {
    throw new Error(`ipmitool ended with ${sensors.exitCode}: ${sensors.errorText.split('\n')[0]}`);
  }
  // A BMC that is slow with the second question has answered the first.
  const supplies = await programs.ask([ipmitool, 'sdr', 'type', 'Power Supply'], limits).catch(() => {
    signal.throwIfAborted();
    return undefined;
  });
  return [...parseIpmiSensors(sensors.text), ...parseIpmiPowerSupplies(supplies?.text ?? '')];
}

const kinds: Record<
  string,
  { type: Component['type']; metric: HardwareReading['metric']; limit?: HardwareReading['metric'] }
> = {
  'degrees c': { type: 'temperature', metric: 'hw.temperature', limit: 'hw.temperature.limit' },
  rpm: { type: 'fan', metric: 'hw.fan.speed', limit: 'hw.fan.speed.limit' },
  volts: { type: 'voltage', metric: 'hw.voltage', limit: 'hw.voltage.limit' },
  watts: { type: 'power_supply', metric: 'hw.power' },
};

/** Columns of `ipmitool sensor list` after the status, and what the conventions call them. */
const limitTypes = [undefined, 'low.critical', 'low.degraded', 'high.degraded', 'high.critical', undefined];

/** ok, non-critical, critical, non-recoverable; `na` and `ns` are sensors without a reading. */
const states: Record<string, HardwareState> = { ok: 'ok', nc: 'degraded', cr: 'failed', nr: 'failed' };

/** Readings of `ipmitool sensor list`; sensors without a reading, and discrete ones, are left out. */
export function parseIpmiSensors(text: string): HardwareReading[] {
  const ids = createIds();
  return text.split('\n').flatMap((line) => {
    const [name = '', reading = '', unit = '', state = '', ...limits] = line.split('|').map((part) => part.trim());
    const kind = kinds[unit.toLowerCase()];
    const value = parseNumber(reading);
    if (!kind || value === undefined) return [];
    const component = describeComponent({ type: kind.type, id: ids(`ipmi/${name}`), name });
    component.add(kind.metric, value);
    component.status(states[state]);
    const { limit } = kind;
    if (limit) {
      for (const [index, type] of limitTypes.entries()) {
        if (type) component.add(limit, parseNumber(limits[index] ?? ''), { 'hw.limit_type': type });
      }
    }
    return component.readings;
  });
}

/** State of the power supplies from `ipmitool sdr type "Power Supply"`. */
export function parseIpmiPowerSupplies(text: string): HardwareReading[] {
  const ids = createIds();
  return text.split('\n').flatMap((line) => {
    const [name = '', , state, entity, events = ''] = line.split('|').map((part) => part.trim());
    // Entity 10 is a power supply; redundancy of several is reported by entity 7 or 19 and is no part of its own.
    if (!entity?.startsWith('10.') || state === 'ns' || /not present|absent/i.test(events)) return [];
    const component = describeComponent({ type: 'power_supply', id: ids(`ipmi/${name}@${entity}`), name });
    component.status(supplyState(events));
    return component.readings;
  });
}

function supplyState(events: string): HardwareState | undefined {
  if (/predictive/i.test(events)) return 'degraded';
  if (/fail|lost|out-of-range|config(?:uration)? error/i.test(events)) return 'failed';
  return /presence detected/i.test(events) ? 'ok' : undefined;
}

function parseNumber(text: string): number | undefined {
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? undefined : value;
}

/** Boards give several sensors one name. */
function createIds(): (id: string) => string {
  const seen = new Map<string, number>();
  return (id) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : `${id}#${count}`;
  };
}
