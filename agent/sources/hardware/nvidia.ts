import type { ProgramQueue } from '../../programs/program-queue.ts';
import { describeComponent, type HardwareReading } from './instruments.ts';

const timeoutMs = 20_000;
const maxBytes = 256 * 1024;
const MiB = 1024 * 1024;

/** Fields of `nvidia-smi --query-gpu`, in the order of the columns. Units are left out by `nounits`. */
const fields = [
  'uuid',
  'pci.bus_id',
  'name',
  'utilization.gpu',
  'utilization.encoder',
  'utilization.decoder',
  'memory.used',
  'memory.total',
  'temperature.gpu',
  'power.draw',
  'fan.speed',
  'ecc.errors.corrected.volatile.total',
  'ecc.errors.uncorrected.volatile.total',
] as const;

/** GPUs by nvidia-smi. Undefined when the driver sees none; rejects when the driver does not answer. */
export async function readNvidia(
  nvidiaSmi: string,
  programs: ProgramQueue,
  signal: AbortSignal,
): Promise<HardwareReading[] | undefined> {
  const query = [nvidiaSmi, `--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
  const answer = await programs.ask(query, { timeoutMs, maxBytes, signal });
  const said = `${answer.text}\n${answer.errorText}`;
  if (/no devices were found|couldn't communicate with the nvidia driver/i.test(said)) {
    if (/no devices/i.test(said)) return undefined;
    throw new Error('nvidia-smi cannot reach the NVIDIA driver; see whether the nvidia module is loaded');
  }
  if (answer.exitCode !== 0) throw new Error(`nvidia-smi ended with ${answer.exitCode}: ${said.trim().split('\n')[0]}`);
  return parseNvidia(answer.text);
}

/** Readings of the CSV lines of `nvidia-smi`; what a card does not support is left out. */
export function parseNvidia(text: string): HardwareReading[] {
  return text.split('\n').flatMap((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length !== fields.length) return [];
    const cell = (field: (typeof fields)[number]): string => cells[fields.indexOf(field)] ?? '';
    const value = (field: (typeof fields)[number], scale = 1): number | undefined => {
      // [N/A], [Not Supported], [Unknown Error], [GPU requires reset]
      const read = cell(field) === '' || cell(field).startsWith('[') ? Number.NaN : Number(cell(field));
      return Number.isFinite(read) ? read * scale : undefined;
    };
    const gpu = describeComponent({
      type: 'gpu',
      id: `gpu/${cell('uuid')}`,
      name: `${cell('name')} (${cell('pci.bus_id')})`,
    });
    gpu.add('hw.gpu.utilization', value('utilization.gpu', 0.01), { 'hw.gpu.task': 'general' });
    gpu.add('hw.gpu.utilization', value('utilization.encoder', 0.01), { 'hw.gpu.task': 'encoder' });
    gpu.add('hw.gpu.utilization', value('utilization.decoder', 0.01), { 'hw.gpu.task': 'decoder' });
    const used = value('memory.used', MiB);
    const total = value('memory.total', MiB);
    gpu.add('hw.gpu.memory.usage', used);
    gpu.add('hw.gpu.memory.limit', total);
    if (used !== undefined && total) gpu.add('hw.gpu.memory.utilization', used / total);
    gpu.add('hw.temperature', value('temperature.gpu'));
    gpu.add('hw.power', value('power.draw'));
    gpu.add('hw.fan.speed_ratio', value('fan.speed', 0.01));
    gpu.add('hw.errors', value('ecc.errors.corrected.volatile.total'), { 'error.type': 'ecc_corrected' });
    gpu.add('hw.errors', value('ecc.errors.uncorrected.volatile.total'), { 'error.type': 'ecc_uncorrected' });
    return gpu.readings;
  });
}
