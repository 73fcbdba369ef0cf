import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Profile, profileDefaults } from '../../../../../agent/profile/profile.ts';
import { findProgram } from '../../../../../agent/programs/find-program.ts';
import { createProgramQueue } from '../../../../../agent/programs/program-queue.ts';
import { readIpmi } from '../../../../../agent/sources/hardware/ipmi.ts';
import { readNut } from '../../../../../agent/sources/hardware/nut.ts';
import { readPciErrors } from '../../../../../agent/sources/hardware/pci-errors.ts';
import { readRdmaPorts } from '../../../../../agent/sources/hardware/rdma-ports.ts';
import { readSmart } from '../../../../../agent/sources/hardware/smartctl.ts';
import { createHardwareSource } from '../../../../../agent/sources/hardware/source-linux.ts';
import { createSysfs } from '../../../../../agent/sources/hardware/sysfs.ts';
import { createXidCounter } from '../../../../../agent/sources/hardware/xid.ts';
import { createOpenQuestions } from '../../../../../agent/sources/open-questions.ts';
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
const sys = () => createSysfs(sysRoot, createOpenQuestions({ patienceMs: 5_000 }));
const signal = AbortSignal.timeout(60_000);

test('reads an RDMA port: link, speed, bytes of words, errors that the driver has', async () => {
  const port = 'class/infiniband/mlx5_0/ports/1';
  write({
    [`${port}/state`]: '4: ACTIVE',
    [`${port}/rate`]: '100 Gb/sec (4X EDR)',
    [`${port}/counters/port_rcv_data`]: 1000,
    [`${port}/counters/port_xmit_data`]: 2000,
    [`${port}/counters/port_rcv_packets`]: 7,
    [`${port}/counters/symbol_error`]: 3,
    [`${port}/hw_counters/out_of_sequence`]: 5,
  });
  const readings = (await readRdmaPorts(sys())).map(({ metric, value, attributes = {} }) => [
    metric,
    value,
    ...Object.values(attributes),
  ]);
  expect(readings).toEqual([
    ['hw.network.up', 1],
    ['hw.network.bandwidth.limit', 12.5e9],
    ['hw.network.io', 4000, 'receive'],
    ['hw.network.packets', 7, 'receive'],
    ['hw.network.io', 8000, 'transmit'],
    ['hw.errors', 3, 'symbol_error'],
    ['hw.errors', 5, 'out_of_sequence'],
  ]);
});

test('counts PCI Express errors of devices that have some', async () => {
  write({
    'bus/pci/devices/0000:3b:00.0/class': '0x020000',
    'bus/pci/devices/0000:3b:00.0/aer_dev_correctable': 'RxErr 2\nBadTLP 1\nTOTAL_ERR_COR 3',
    'bus/pci/devices/0000:3b:00.0/aer_dev_fatal': 'Undefined 0\nTOTAL_ERR_FATAL 0',
    'bus/pci/devices/0000:00:00.0/aer_dev_correctable': 'TOTAL_ERR_COR 0',
  });
  expect(await readPciErrors(sys())).toEqual([
    expect.objectContaining({ type: 'network', value: 3, attributes: { 'error.type': 'pcie_corrected' } }),
  ]);
});

test('counts Xid errors over several looks at the kernel log', () => {
  const log = join(sysRoot, 'kmsg');
  const line = '4,100,200,-;NVRM: Xid (PCI:0000:3B:00): 63, pid=<unknown>, Row Remapper\n';
  writeFileSync(log, `6,99,100,-;Linux version\n${line}`);
  const counter = createXidCounter(log);
  expect(counter.read()).toMatchObject([
    { value: 1, id: 'gpu/pci/0000:3b:00', attributes: { 'error.type': 'xid_63' } },
  ]);
  writeFileSync(log, line, { flag: 'a' });
  expect(counter.read()).toMatchObject([{ value: 2 }]);
  expect(counter.read()).toMatchObject([{ value: 2 }]);
  counter.close();
});

test('reports what disks and GPUs say by hand of the sink, and passes over what is not installed', async () => {
  write({ 'bus/pci/devices/0000:3b:00.0/aer_dev_fatal': 'TOTAL_ERR_FATAL 1' });
  const hardware = { ...(profileDefaults as Profile).hardware, enabled: true };
  const { context, reported } = createSourceContext({
    logs: createRecordingPipeline().pipeline,
    profile: { hardware },
  });
  const source = createHardwareSource(context, { sysRoot, placeOf: () => 0 });
  await source.start();
  await vi.waitFor(() => expect(reported).toContainEqual(expect.objectContaining({ metric: 'hw.errors' })), 30_000);
  expect(reported.find(({ metric }) => metric === 'hw.errors')?.attributes).toEqual({
    'hw.id': 'pci/0000:3b:00.0',
    'hw.type': 'enclosure',
    'hw.name': 'PCI device 0000:3b:00.0',
    'error.type': 'pcie_fatal',
  });
  expect(source.health().state).toBe('running');
  await source.close();
});

const real = (name: string): string => findProgram(name) ?? '';

test.skipIf(!real('smartctl'))('the real smartctl finds no disk here and that is no failure', async () => {
  expect(await readSmart(real('smartctl'), createProgramQueue(), signal)).toEqual([]);
});

test.skipIf(!real('ipmitool') || existsSync('/dev/ipmi0'))('the real ipmitool says that there is no BMC', async () => {
  expect(await readIpmi(real('ipmitool'), createProgramQueue(), signal)).toBeUndefined();
});

test.skipIf(!real('upsc'))('the real upsc says that no NUT server runs', async () => {
  expect(await readNut(real('upsc'), createProgramQueue(), signal)).toBeUndefined();
});
