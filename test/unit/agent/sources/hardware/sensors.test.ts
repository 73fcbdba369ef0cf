import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSensorsSource, readHardware } from '../../../../../agent/sources/hardware/sensors.ts';
import { createSysfs } from '../../../../../agent/sources/hardware/sysfs.ts';
import { createOpenQuestions } from '../../../../../agent/sources/open-questions.ts';
import { patient } from '../../../../patience.ts';
import { createRecordingPipeline } from '../recording-pipeline.ts';
import { createSourceContext } from '../source-context.ts';

let sysRoot: string;
beforeEach(() => {
  sysRoot = mkdtempSync(join(tmpdir(), 'sx-sys-'));
});
afterEach(() => rmSync(sysRoot, { recursive: true, force: true }));

function write(values: Record<string, string | number>): void {
  for (const [path, value] of Object.entries(values)) {
    mkdirSync(dirname(join(sysRoot, path)), { recursive: true });
    writeFileSync(join(sysRoot, path), `${value}\n`);
  }
}
const sys = (questions = createOpenQuestions({ patienceMs: 5_000 })) => createSysfs(sysRoot, questions);
const readings = async () =>
  (await readHardware(sys())).map(({ metric, value, id, name, attributes }) => [
    metric,
    value,
    id,
    name,
    attributes ?? {},
  ]);

test('reads temperatures with their limits, fans, voltages and power of a chip', async () => {
  write({
    'devices/pci0/0000:00:18.3/vendor': 1,
    'class/hwmon/hwmon3/name': 'k10temp',
    'class/hwmon/hwmon3/temp1_input': 45_250,
    'class/hwmon/hwmon3/temp1_label': 'Tctl',
    'class/hwmon/hwmon3/temp1_crit': 95_000,
    'class/hwmon/hwmon3/temp1_max': 0,
    'class/hwmon/hwmon3/temp1_crit_alarm': 0,
    'class/hwmon/hwmon3/fan2_input': 1200,
    'class/hwmon/hwmon3/in0_input': 1_104,
    'class/hwmon/hwmon3/power1_average': 25_000_000,
    'class/hwmon/hwmon3/energy1_input': 5_000_000,
    'class/hwmon/hwmon3/temp2_input': 1000,
    'class/hwmon/hwmon3/temp2_fault': 1,
  });
  symlinkSync(join(sysRoot, 'devices/pci0/0000:00:18.3'), join(sysRoot, 'class/hwmon/hwmon3/device'));
  const chip = 'k10temp@0000:00:18.3';
  expect(await readings()).toEqual([
    ['hw.energy', 5, `${chip}/energy1`, 'k10temp energy1', {}],
    ['hw.fan.speed', 1200, `${chip}/fan2`, 'k10temp fan2', {}],
    ['hw.voltage', 1.104, `${chip}/in0`, 'k10temp in0', {}],
    ['hw.power', 25, `${chip}/power1`, 'k10temp power1', {}],
    ['hw.temperature', 45.25, `${chip}/temp1`, 'k10temp Tctl', {}],
    ['hw.temperature.limit', 95, `${chip}/temp1`, 'k10temp Tctl', { 'hw.limit_type': 'high.critical' }],
    ['hw.status', 1, `${chip}/temp1`, 'k10temp Tctl', { 'hw.state': 'ok' }],
    ['hw.status', 0, `${chip}/temp1`, 'k10temp Tctl', { 'hw.state': 'degraded' }],
    ['hw.status', 0, `${chip}/temp1`, 'k10temp Tctl', { 'hw.state': 'failed' }],
  ]);
});

test('reads thermal zones that hwmon does not show as well', async () => {
  write({
    'class/hwmon/hwmon0/name': 'acpitz',
    'class/hwmon/hwmon0/temp1_input': 30_000,
    'class/thermal/thermal_zone0/type': 'acpitz',
    'class/thermal/thermal_zone0/temp': 30_000,
    'class/thermal/thermal_zone1/type': 'x86_pkg_temp',
    'class/thermal/thermal_zone1/temp': 51_000,
    'class/thermal/thermal_zone1/trip_point_0_type': 'critical',
    'class/thermal/thermal_zone1/trip_point_0_temp': 100_000,
    'class/thermal/thermal_zone2/type': 'iwlwifi',
    'class/thermal/thermal_zone2/temp': -274_000,
    'class/thermal/cooling_device0/type': 'Fan',
  });
  expect((await readings()).slice(1)).toEqual([
    ['hw.temperature', 51, 'thermal/thermal_zone1', 'x86_pkg_temp', {}],
    ['hw.temperature.limit', 100, 'thermal/thermal_zone1', 'x86_pkg_temp', { 'hw.limit_type': 'high.critical' }],
  ]);
});

test('reads a UPS and a mains adapter that has gone', async () => {
  write({
    'class/power_supply/AC0/type': 'Mains',
    'class/power_supply/AC0/online': 0,
    'class/power_supply/ups1/type': 'UPS',
    'class/power_supply/ups1/model_name': 'Smart 1500',
    'class/power_supply/ups1/manufacturer': 'Acme',
    'class/power_supply/ups1/capacity': 87,
    'class/power_supply/ups1/status': 'Discharging',
    'class/power_supply/ups1/time_to_empty_now': 1800,
  });
  const state = { 'hw.battery.state': 'discharging' };
  expect(await readings()).toEqual([
    ['hw.status', 0, 'power_supply/AC0', 'AC0', { 'hw.state': 'ok' }],
    ['hw.status', 0, 'power_supply/AC0', 'AC0', { 'hw.state': 'degraded' }],
    ['hw.status', 1, 'power_supply/AC0', 'AC0', { 'hw.state': 'failed' }],
    ['hw.battery.charge', 0.87, 'power_supply/ups1', 'Acme Smart 1500', state],
    ['hw.battery.time_left', 1800, 'power_supply/ups1', 'Acme Smart 1500', state],
  ]);
});

test('counts memory errors per module, or per controller where it names none', async () => {
  write({
    'devices/system/edac/mc/mc0/dimm0/dimm_label': 'CPU_SrcID#0_Ha#0_Chan#0_DIMM#0',
    'devices/system/edac/mc/mc0/dimm0/dimm_ce_count': 3,
    'devices/system/edac/mc/mc0/dimm0/dimm_ue_count': 0,
    'devices/system/edac/mc/mc1/mc_name': 'F19h',
    'devices/system/edac/mc/mc1/ce_count': 1,
    'devices/system/edac/mc/mc1/ue_count': 2,
  });
  expect(await readings()).toEqual([
    ['hw.errors', 3, 'edac/mc0/dimm0', 'CPU_SrcID#0_Ha#0_Chan#0_DIMM#0', { 'error.type': 'corrected' }],
    ['hw.errors', 0, 'edac/mc0/dimm0', 'CPU_SrcID#0_Ha#0_Chan#0_DIMM#0', { 'error.type': 'uncorrected' }],
    ['hw.errors', 1, 'edac/mc1', 'F19h', { 'error.type': 'corrected' }],
    ['hw.errors', 2, 'edac/mc1', 'F19h', { 'error.type': 'uncorrected' }],
  ]);
});

test('reads links of ports with a device and passes over virtual ones', async () => {
  write({
    'class/net/eth0/device/vendor': 1,
    'class/net/eth0/address': '02:00:00:00:00:01',
    'class/net/eth0/operstate': 'up',
    'class/net/eth0/speed': 10_000,
    'class/net/eth0/carrier_down_count': 4,
    'class/net/eth1/device/vendor': 1,
    'class/net/eth1/address': '02:00:00:00:00:02',
    'class/net/eth1/operstate': 'down',
    'class/net/eth1/speed': -1,
    'class/net/br0/operstate': 'up',
  });
  expect(await readings()).toEqual([
    ['hw.network.up', 1, 'net/02:00:00:00:00:01', 'eth0', {}],
    ['hw.network.bandwidth.limit', 1.25e9, 'net/02:00:00:00:00:01', 'eth0', {}],
    ['hw.errors', 4, 'net/02:00:00:00:00:01', 'eth0', { 'error.type': 'link_down' }],
    ['hw.network.up', 0, 'net/02:00:00:00:00:02', 'eth1', {}],
  ]);
});

test('is absent on a machine without sensors', async () => {
  const { context } = createSourceContext({ logs: createRecordingPipeline().pipeline });
  const source = createSensorsSource(context, createSysfs(sysRoot, context.questions));
  await source.start();
  expect(source.health().state).toBe('absent');
  await source.close();
});

test('reports readings as metrics with hw.id, hw.type and hw.name', async () => {
  write({ 'class/hwmon/hwmon0/name': 'nvme', 'class/hwmon/hwmon0/temp1_input': 38_850 });
  const { context, collect } = createSourceContext({ logs: createRecordingPipeline().pipeline });
  const source = createSensorsSource(context, createSysfs(sysRoot, context.questions));
  await source.start();
  expect(await collect()).toEqual([
    {
      name: 'hw.temperature',
      unit: 'Cel',
      monotonic: undefined,
      attributes: {
        'hw.id': 'nvme@hwmon0/temp1',
        'hw.type': 'temperature',
        'hw.name': 'nvme temp1',
        'hw.parent': 'nvme@hwmon0',
      },
      value: 38.85,
    },
  ]);
  await source.close();
});

test('goes on with the other sensors when one never answers, says which, and does not ask it again', async () => {
  write({
    'class/hwmon/hwmon0/name': 'bmc',
    'class/hwmon/hwmon0/temp1_input': 1_000,
    'class/hwmon/hwmon0/temp2_input': 2_000,
  });
  let clockMs = Date.now();
  const { context, collect } = createSourceContext({
    logs: createRecordingPipeline().pipeline,
    questions: { patienceMs: 1_000 },
    // Each collection reads anew.
    nowMs: () => {
      clockMs += 3_600_000;
      return clockMs;
    },
  });
  const source = createSensorsSource(context, createSysfs(sysRoot, context.questions));
  await source.start();
  const last = async () => (await collect()).map(({ value }) => value).at(-1);
  expect(await last()).toBe(2);
  // Who opens a FIFO waits for a writer: as a driver waits for its bus.
  const silent = join(sysRoot, 'class/hwmon/hwmon0/temp1_input');
  rmSync(silent);
  execFileSync('mkfifo', [silent]);
  for (const celsius of [3, 4, 5]) {
    write({ 'class/hwmon/hwmon0/temp2_input': celsius * 1000 });
    expect(await last()).toBe(celsius);
    expect(source.health().detail).toBe(`no answer from ${silent}`);
  }
  // One thread waits, and no second one: with its answer the question is forgotten.
  closeSync(openSync(silent, constants.O_WRONLY | constants.O_NONBLOCK));
  await vi.waitFor(() => expect(source.health().detail).toBeUndefined(), patient);
  expect(() => openSync(silent, constants.O_WRONLY | constants.O_NONBLOCK)).toThrow(/ENXIO/);
  await source.close();
});
