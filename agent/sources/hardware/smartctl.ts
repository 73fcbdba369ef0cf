import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ProgramQueue } from '../../programs/program-queue.ts';
import { fitting } from '../fitting.ts';
import { eachApart } from './each-apart.ts';
import { addEndurance } from './endurance.ts';
import { type Component, describeComponent, type HardwareReading } from './instruments.ts';

/** A disk behind a controller that does not answer is given up after this; a healthy one takes well under a second. */
const timeoutMs = 30_000;
const maxBytes = 1024 * 1024;
/** More disks than any one machine has; beyond it the list is wrong. */
const maxDisks = 256;

const Unknown = Type.Optional(Type.Unknown());
const Count = Type.Optional(Type.Number());
const Scan = Type.Object({
  devices: Type.Optional(
    Type.Array(Type.Object({ name: Type.String(), type: Type.String(), open_error: Type.Optional(Type.String()) })),
  ),
});
const Messages = Type.Optional(Type.Array(Type.Object({ string: Type.String() })));

/** What is used of `smartctl --json`, version 1 of its format; everything is optional because everything is. */
const Report = Type.Object({
  smartctl: Type.Optional(Type.Object({ messages: Messages, exit_status: Count })),
  device: Type.Optional(Type.Object({ name: Type.Optional(Type.String()), protocol: Type.Optional(Type.String()) })),
  model_name: Type.Optional(Type.String()),
  serial_number: Type.Optional(Type.String()),
  user_capacity: Type.Optional(Type.Object({ bytes: Count })),
  nvme_total_capacity: Count,
  smart_status: Type.Optional(Type.Object({ passed: Type.Optional(Type.Boolean()) })),
  temperature: Type.Optional(Type.Object({ current: Count, drive_trip: Count })),
  nvme_smart_health_information_log: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  ata_smart_attributes: Type.Optional(
    Type.Object({
      table: Type.Optional(
        Type.Array(
          Type.Object({
            id: Type.Number(),
            name: Type.String(),
            value: Count,
            thresh: Count,
            when_failed: Unknown,
            raw: Type.Object({ value: Type.Number() }),
          }),
        ),
      ),
    }),
  ),
  scsi_grown_defect_list: Count,
  scsi_percentage_used_endurance_indicator: Count,
  scsi_error_counter_log: Type.Optional(
    Type.Record(Type.String(), Type.Object({ total_uncorrected_errors: Count, total_errors_corrected: Count })),
  ),
  power_on_time: Type.Optional(Type.Object({ hours: Count })),
});
type Report = Static<typeof Report>;

/**
 * Health of every disk that smartctl finds, each apart. Rejects when smartctl itself fails, or for every disk.
 */
export async function readSmart(
  smartctl: string,
  programs: ProgramQueue,
  signal: AbortSignal,
  options: { timeoutMs?: number; withinMs?: number } = {},
): Promise<HardwareReading[]> {
  const limits = { timeoutMs: options.timeoutMs ?? timeoutMs, maxBytes, signal };
  const scan = await programs.ask([smartctl, '--scan-open', '--json'], limits);
  const seen = new Set<string>();
  return eachApart(
    parseSmartScan(scan.text).slice(0, maxDisks),
    async (device) => {
      // A sleeping disk stays asleep: -n standby. Every exit code has its JSON; bits 0 to 2 mean that it is not whole.
      const command = [smartctl, '--json', '--info', '--health', '--attributes', '--nocheck=standby'];
      const answer = await programs.ask([...command, `--device=${device.type}`, device.name], limits);
      const found = parseSmartReport(answer.text);
      const id = found[0]?.id;
      // Disks with two paths, and namespaces of one controller, are found more than once.
      if (id === undefined || seen.has(id)) return [];
      seen.add(id);
      return found;
    },
    { signal, withinMs: options.withinMs },
  );
}

/** Devices of `smartctl --scan-open --json` that could be opened. Throws when it is no such text. */
export function parseSmartScan(text: string): { name: string; type: string }[] {
  const { devices = [] } = Value.Parse(Scan, readJson(text));
  return devices.filter(({ open_error }) => open_error === undefined);
}

/** Readings of one disk from `smartctl --json`; none when the disk did not answer or sleeps. */
export function parseSmartReport(text: string): HardwareReading[] {
  const report = fitting(Report, readJson(text)) ?? {};
  const device = report.device?.name;
  if (!device || (report.model_name === undefined && report.smart_status === undefined)) return [];
  const component: Component = {
    type: 'physical_disk',
    id: report.serial_number ? `disk/${report.serial_number}` : `disk${device}`,
    name: `${report.model_name ?? 'disk'} (${device.replace('/dev/', '')})`,
  };
  const disk = describeComponent(component);
  disk.add('hw.physical_disk.size', report.user_capacity?.bytes ?? report.nvme_total_capacity);
  disk.add('hw.temperature', report.temperature?.current || undefined);
  disk.add('hw.temperature.limit', report.temperature?.drive_trip || undefined, { 'hw.limit_type': 'high.critical' });
  const nvme = report.nvme_smart_health_information_log;
  const failing = report.smart_status?.passed === false;
  const attributes = report.ata_smart_attributes?.table ?? [];
  const warned =
    Number(nvme?.critical_warning ?? 0) !== 0 || attributes.some(({ when_failed }) => when_failed === 'now');
  if (report.smart_status?.passed !== undefined) disk.status(failing ? 'failed' : warned ? 'degraded' : 'ok');
  const used = number(nvme?.percentage_used) ?? report.scsi_percentage_used_endurance_indicator ?? ataWear(attributes);
  addEndurance(disk.add, used === undefined ? undefined : used / 100);
  addSmart(disk.add, report, attributes);
  addErrors(disk.add, report, attributes);
  return disk.readings;
}

type Add = ReturnType<typeof describeComponent>['add'];

function addSmart(add: Add, report: Report, attributes: Attributes): void {
  const named = (name: string) => ({ 'hw.physical_disk.smart_attribute': name });
  for (const { id, name, raw } of attributes) add('hw.physical_disk.smart', raw.value, named(`${id} ${name}`));
  for (const [name, value] of Object.entries(report.nvme_smart_health_information_log ?? {})) {
    add('hw.physical_disk.smart', number(value), named(name));
  }
  add('hw.physical_disk.smart', report.power_on_time?.hours, named('power_on_hours'));
  add('hw.physical_disk.smart', report.scsi_grown_defect_list, named('scsi_grown_defect_list'));
}

function addErrors(add: Add, report: Report, attributes: Attributes): void {
  const media = number(report.nvme_smart_health_information_log?.media_errors);
  add('hw.errors', media, { 'error.type': 'media' });
  for (const [id, type] of ataErrors) {
    add('hw.errors', attributes.find((attribute) => attribute.id === id)?.raw.value, { 'error.type': type });
  }
  for (const [direction, log] of Object.entries(report.scsi_error_counter_log ?? {})) {
    add('hw.errors', log.total_uncorrected_errors, { 'error.type': `uncorrected_${direction}` });
    add('hw.errors', log.total_errors_corrected, { 'error.type': `corrected_${direction}` });
  }
}

type Attributes = NonNullable<NonNullable<Report['ata_smart_attributes']>['table']>;

/** ATA attributes whose raw value every vendor uses as a plain count. */
const ataErrors = [
  [5, 'reallocated_sector'],
  [187, 'reported_uncorrect'],
  [197, 'current_pending_sector'],
  [198, 'offline_uncorrectable'],
  [199, 'udma_crc'],
] as const;

/** Attributes whose normalised value is the remaining life in percent. */
const ataWearIds = [177, 202, 231, 233];
const wearName = /wear|life|lifetime/i;

function ataWear(attributes: Attributes): number | undefined {
  const found = attributes.find(({ id, name, value }) => ataWearIds.includes(id) && wearName.test(name) && value);
  return found?.value === undefined ? undefined : Math.max(0, 100 - found.value);
}

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`smartctl printed no JSON (version 7 or newer is needed): ${text.slice(0, 100).trim()}`);
  }
}
