import type { ProgramQueue } from '../../programs/program-queue.ts';
import { eachApart } from './each-apart.ts';
import { describeComponent, type HardwareReading, type HardwareState } from './instruments.ts';

const timeoutMs = 15_000;
const maxBytes = 64 * 1024;
const maxDevices = 32;

/** UPSes of the machine's own NUT server. Undefined when none runs here. */
export async function readNut(
  upsc: string,
  programs: ProgramQueue,
  signal: AbortSignal,
): Promise<HardwareReading[] | undefined> {
  const limits = { timeoutMs, maxBytes, signal };
  const list = await programs.ask([upsc, '-l'], limits);
  if (list.exitCode !== 0) {
    // upsc is often installed where no server runs.
    if (/connection (?:failure|refused)/i.test(list.errorText)) return undefined;
    throw new Error(`upsc ended with ${list.exitCode}: ${list.errorText.split('\n').at(-1)}`);
  }
  const names = list.text.split('\n').filter((name) => /^[\w.-]+$/.test(name));
  return eachApart(
    names.slice(0, maxDevices),
    async (name) => {
      const answer = await programs.ask([upsc, name], limits);
      return answer.exitCode === 0 ? parseUpsc(name, answer.text) : [];
    },
    { signal },
  );
}

/** Readings of the `name: value` lines of `upsc`, by NUT's variable names. */
export function parseUpsc(ups: string, text: string): HardwareReading[] {
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([\w.]+): (.*)$/.exec(line.trim()) ?? [];
      return name && value ? [[name, value] as const] : [];
    }),
  );
  const value = (name: string): number | undefined => {
    const read = Number(values.get(name));
    return values.has(name) && Number.isFinite(read) ? read : undefined;
  };
  const make = values.get('device.mfr') ?? values.get('ups.mfr');
  const model = values.get('device.model') ?? values.get('ups.model');
  const battery = describeComponent({
    type: 'battery',
    id: `ups/${values.get('device.serial') ?? values.get('ups.serial') ?? ups}`,
    name: [make, model].filter(Boolean).join(' ') || ups,
  });
  const flags = (values.get('ups.status') ?? '').split(' ');
  const state = flags.includes('OB') ? 'discharging' : flags.includes('CHRG') ? 'charging' : undefined;
  const attributes = state ? { 'hw.battery.state': state } : undefined;
  const charge = value('battery.charge');
  battery.add('hw.battery.charge', charge === undefined ? undefined : charge / 100, attributes);
  battery.add('hw.battery.time_left', value('battery.runtime'), attributes);
  battery.add('hw.voltage', value('input.voltage'));
  battery.add('hw.power', value('ups.realpower'));
  battery.add('hw.temperature', value('ups.temperature') ?? value('battery.temperature'));
  battery.status(upsState(flags));
  return battery.readings;
}

/** Flags of `ups.status`: OL on line, OB on battery, LB low battery, RB replace battery, OVER overloaded. */
function upsState(flags: readonly string[]): HardwareState | undefined {
  const has = (...wanted: string[]): boolean => wanted.some((flag) => flags.includes(flag));
  if (has('LB', 'FSD', 'OFF')) return 'failed';
  if (has('OB', 'RB', 'OVER', 'BYPASS', 'ALARM')) return 'degraded';
  return has('OL') ? 'ok' : undefined;
}
