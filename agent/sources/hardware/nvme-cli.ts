import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ProgramQueue } from '../../programs/program-queue.ts';
import { eachApart } from './each-apart.ts';
import { addEndurance } from './endurance.ts';
import { type Component, describeComponent, type HardwareReading } from './instruments.ts';
import type { Sysfs } from './sysfs.ts';

const timeoutMs = 20_000;
const maxBytes = 256 * 1024;
const absoluteZero = 273;

/** `nvme smart-log --output-format=json`; temperatures in Kelvin. */
const SmartLog = Type.Record(Type.String(), Type.Unknown());

/** NVMe health by nvme-cli, for machines that have no smartctl. */
export async function readNvme(
  nvme: string,
  programs: ProgramQueue,
  { sys, signal }: { sys: Sysfs; signal: AbortSignal },
): Promise<HardwareReading[]> {
  const root = 'class/nvme';
  return eachApart(
    await sys.names(root),
    async (controller) => {
      const command = [nvme, 'smart-log', `/dev/${controller}`, '--output-format=json'];
      const answer = await programs.ask(command, { timeoutMs, maxBytes, signal });
      if (answer.exitCode !== 0) return [];
      const serial = await sys.value(`${root}/${controller}/serial`);
      const model = await sys.value(`${root}/${controller}/model`);
      return parseNvmeSmartLog(answer.text, {
        type: 'physical_disk',
        id: serial ? `disk/${serial}` : `disk/dev/${controller}`,
        name: `${model ?? 'NVMe'} (${controller})`,
      });
    },
    { signal },
  );
}

/** Readings from a SMART log page. Throws when it is no such text. */
export function parseNvmeSmartLog(text: string, component: Component): HardwareReading[] {
  const log = Value.Parse(SmartLog, JSON.parse(text));
  const disk = describeComponent(component);
  const value = (...names: string[]): number | undefined => {
    const found = names.map((name) => log[name]).find((candidate) => candidate !== undefined);
    // Version 2 writes 128-bit counters as text.
    const count = typeof found === 'string' ? Number(found) : found;
    return Number.isFinite(count) ? (count as number) : undefined;
  };
  const kelvin = value('temperature');
  if (kelvin) disk.add('hw.temperature', kelvin - absoluteZero);
  const warning = value('critical_warning');
  // Bit 3: the media is read-only; bit 2: reliability has degraded. NVMe base specification, SMART log page.
  if (warning !== undefined) disk.status(warning & 0b1100 ? 'failed' : warning ? 'degraded' : 'ok');
  const used = value('percent_used', 'percentage_used');
  addEndurance(disk.add, used === undefined ? undefined : used / 100);
  disk.add('hw.errors', value('media_errors'), { 'error.type': 'media' });
  for (const name of Object.keys(log)) {
    if (name === 'temperature') continue;
    disk.add('hw.physical_disk.smart', value(name), { 'hw.physical_disk.smart_attribute': name });
  }
  return disk.readings;
}
