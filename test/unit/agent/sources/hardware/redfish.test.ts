import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createFileQuestions } from '../../../../../agent/filesystems/file-questions.ts';
import { createRedfishClient, type RedfishEndpoint } from '../../../../../agent/sources/hardware/redfish/client.ts';
import { readRedfish } from '../../../../../agent/sources/hardware/redfish/read.ts';
import { root } from '../../../../../config/root.ts';
import { patient } from '../../../../patience.ts';
import { createTestCertificates, type TestCertificates } from '../test-certificates.ts';

const documents = JSON.parse(readFileSync(join(root, 'test/data/hardware/redfish.json'), 'utf8'));
const authorization = `Basic ${Buffer.from('monitor:s3cret').toString('base64')}`;

const questions = createFileQuestions({ most: 2 });
let folder: string;
let certificates: TestCertificates;
let server: ReturnType<typeof createServer>;
let endpoint: RedfishEndpoint;
let asked: string[] = [];
let answer: ((path: string) => { status: number; body: string } | undefined) | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sx-redfish-'));
  certificates = await createTestCertificates(folder);
  server = createServer(certificates.good, (request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const special = answer?.(path);
    const known = request.headers.authorization === authorization;
    const status = special?.status ?? (!known ? 401 : path in documents ? 200 : 404);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(special?.body ?? (status === 200 ? JSON.stringify(documents[path]) : '{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const credentials = join(folder, 'bmc.yaml');
  writeFileSync(credentials, 'username: monitor\npassword: s3cret\n', { mode: 0o600 });
  endpoint = {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    ca: certificates.authorityFile,
    credentials,
  };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  asked = [];
  answer = undefined;
});

async function read(over: Partial<RedfishEndpoint> = {}) {
  const { ca, ...pinned } = endpoint;
  const made = over.fingerprint ? { ...pinned, ...over } : { ...pinned, ...(ca && { ca }), ...over };
  const client = await createRedfishClient(made, questions, { signal: AbortSignal.timeout(60_000) });
  try {
    return await readRedfish(client, 'bmc1');
  } finally {
    client.close();
  }
}

test('reads chassis, sensors, power supplies, memory and drives in both ways of writing them', async () => {
  const readings = await read();
  const told = (id: string) =>
    Object.fromEntries(
      readings
        .filter((reading) => reading.id === `redfish/bmc1/redfish/v1/${id}`)
        .map(({ metric, value, attributes = {} }) => [[metric, ...Object.values(attributes)].join(' '), value]),
    );
  expect(told('Chassis/1')).toMatchObject({ 'hw.status degraded': 1 });
  expect(told('Chassis/1/Thermal#/Temperatures/0')).toEqual({
    'hw.temperature': 62,
    'hw.temperature.limit high.degraded': 90,
    'hw.temperature.limit high.critical': 95,
    'hw.status ok': 1,
    'hw.status degraded': 0,
    'hw.status failed': 0,
  });
  // Absent is nothing at all; without a reading there is a state and no temperature.
  expect(told('Chassis/1/Thermal#/Temperatures/1')).toEqual({});
  expect(told('Chassis/1/Thermal#/Temperatures/2')).not.toHaveProperty(['hw.temperature']);
  expect(told('Chassis/1/Thermal#/Fans/0')).toMatchObject({ 'hw.fan.speed_ratio': 0.42 });
  expect(told('Chassis/1/Thermal#/Fans/1')).toMatchObject({ 'hw.fan.speed': 0, 'hw.status failed': 1 });
  expect(told('Chassis/1/Power#/PowerControl/0')).toEqual({ 'hw.power': 344 });
  expect(told('Chassis/1/Power#/Voltages/0')).toMatchObject({ 'hw.voltage': 12.1 });
  expect(told('Chassis/1/Power#/PowerSupplies/0')).toMatchObject({ 'hw.power_supply.usage': 180 });
  expect(told('Chassis/1/Power#/PowerSupplies/1')).toMatchObject({ 'hw.status failed': 1 });
  expect(told('Chassis/1/Power#/PowerSupplies/1')).not.toHaveProperty(['hw.power_supply.usage']);
  expect(told('Chassis/Enclosure/ThermalSubsystem/Fans/Bay1')).toMatchObject({ 'hw.fan.speed': 2200 });
  expect(told('Chassis/Enclosure#temperature/Intake')).toEqual({ 'hw.temperature': 24.8 });
  expect(told('Chassis/Enclosure/PowerSubsystem/PowerSupplies/Bay1')).toMatchObject({ 'hw.power_supply.usage': 901.5 });
  expect(told('Systems/1/Memory/A1')).toMatchObject({ 'hw.memory.size': 65_536 * 2 ** 20, 'hw.status degraded': 1 });
  expect(told('Systems/1/Memory/A2')).toEqual({});
  expect(told('Systems/1/Storage/NVMe/Drives/0')).toMatchObject({
    // The rule for worn disks looks at what is used.
    'hw.physical_disk.endurance_utilization used': 0.12,
    'hw.physical_disk.endurance_utilization remaining': 0.88,
    'hw.status degraded': 1,
  });
  const drive = readings.find(({ type }) => type === 'physical_disk');
  expect(drive?.parent).toBe('redfish/bmc1/redfish/v1/Systems/1');
  // A link to elsewhere is not followed, nor asked of this server.
  expect(asked.some((path) => path.includes('elsewhere'))).toBe(false);
});

test('takes a certificate by its fingerprint where there is no authority', async () => {
  expect((await read({ fingerprint: certificates.goodFingerprint })).length).toBeGreaterThan(20);
});

test('sends no password to a server with another certificate', async () => {
  await expect(read({ fingerprint: '00'.repeat(32) })).rejects.toThrow('not the fingerprint in the profile');
  await expect(read({ ca: certificates.otherAuthorityFile })).rejects.toThrow(/certificate|issuer/);
  expect(asked).toEqual([]);
});

test('says that the credentials are wrong', async () => {
  const credentials = join(folder, 'wrong.yaml');
  writeFileSync(credentials, 'username: monitor\npassword: other\n', { mode: 0o600 });
  await expect(read({ credentials })).rejects.toThrow('answered with 401: the BMC does not take these credentials');
});

test('refuses a file of credentials that others can read, or that is none', async () => {
  const credentials = join(folder, 'open.yaml');
  writeFileSync(credentials, 'username: monitor\npassword: s3cret\n');
  chmodSync(credentials, 0o644);
  await expect(read({ credentials })).rejects.toThrow('chmod 600');
  writeFileSync(credentials, 'user: monitor\n');
  chmodSync(credentials, 0o600);
  await expect(read({ credentials })).rejects.toThrow('username, password is missing');
});

test('a pipe in the place of a file is no file, and holds up nothing', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', ['-m', '600', pipe]);
  await expect(read({ credentials: pipe })).rejects.toThrow(`credentials file ${pipe}: it is not a regular file; name`);
  await expect(read({ ca: pipe })).rejects.toThrow(`authority ${pipe}: it is not a regular file; name`);
  expect(asked).toEqual([]);
});

test('leaves out a document that is missing or malformed, and fails on one that is too long', async () => {
  const thermal = '/redfish/v1/Chassis/1/Thermal';
  answer = (path) => (path === thermal ? { status: 200, body: '{"Temperatures":"none"}' } : undefined);
  const readings = await read();
  expect(readings.some(({ id }) => id.includes('/Chassis/1/Thermal#'))).toBe(false);
  expect(readings.some(({ id }) => id.includes('/Power#'))).toBe(true);
  answer = (path) => (path === thermal ? { status: 200, body: `"${'x'.repeat(2 ** 20)}"` } : undefined);
  await expect(read()).rejects.toThrow(`${thermal} is longer than`);
  answer = () => ({ status: 200, body: '<html>' });
  await expect(read()).rejects.toThrow('is no JSON');
});

test('one value of another kind costs that value alone', async () => {
  const thermal = '/redfish/v1/Chassis/1/Thermal';
  const body = JSON.stringify({
    Temperatures: [
      null,
      7,
      { MemberId: '0', Name: 'CPU', ReadingCelsius: '62', UpperThresholdCritical: 'none', Status: { Health: 'OK' } },
      { MemberId: '1', Name: 'x'.repeat(1000), ReadingCelsius: 40, UpperThresholdCritical: null, Status: null },
    ],
    Fans: null,
  });
  answer = (path) =>
    path === thermal ? { status: 200, body: body.replace('"Fans":null', '"Fans":[{"Reading":1e999}]') } : undefined;
  const told = (await read()).filter(({ id }) => id.includes('/Chassis/1#temperature'));
  expect(told.filter(({ metric }) => metric === 'hw.temperature').map(({ value }) => value)).toEqual([40]);
  expect(told.filter(({ metric, name }) => metric === 'hw.status' && name === 'CPU')).toHaveLength(3);
  expect(Math.max(...told.map(({ name }) => name.length))).toBe(256);

  answer = (path) => (path === thermal ? { status: 200, body: 'no JSON' } : undefined);
  expect((await read()).some(({ id }) => id.includes('/Power#'))).toBe(true);
  const chassis = '/redfish/v1/Chassis/1';
  answer = (path) =>
    path === chassis
      ? { status: 200, body: JSON.stringify({ ...documents[chassis], Thermal: null, Status: 'OK' }) }
      : undefined;
  expect((await read()).some(({ id }) => id.includes('/Chassis/1/Power#'))).toBe(true);
});

test('one document that the BMC cannot make costs that document alone; a BMC that refuses is told', async () => {
  const failing = (status: number) => (path: string) =>
    path === '/redfish/v1/Systems/1/Memory/A1' ? { status, body: '{}' } : undefined;
  for (const status of [301, 404, 500]) {
    answer = failing(status);
    expect((await read()).some(({ id }) => id.includes('/Drives/0'))).toBe(true);
  }
  answer = failing(503);
  await expect(read()).rejects.toThrow('answered with 503');
});

test('follows a list that comes in parts, and no list in circles', async () => {
  const list = '/redfish/v1/Systems/1/Memory';
  const [first, ...rest] = documents[list].Members;
  answer = (path) => {
    if (path === list)
      return { status: 200, body: JSON.stringify({ Members: [first], 'Members@odata.nextLink': `${list}?$skip=1` }) };
    if (path !== `${list}?$skip=1`) return undefined;
    const circle = { Members: [first, ...rest, { '@odata.id': list }], 'Members@odata.nextLink': list };
    return { status: 200, body: JSON.stringify(circle) };
  };
  const readings = await read();
  expect(readings.filter(({ id, metric }) => id.endsWith('/Memory/A1') && metric === 'hw.memory.size')).toHaveLength(1);
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked).toContain(`${list}/A2`);
});

test('a BMC that takes the connection and says nothing is given up, and its connection closed', async () => {
  const open = new Set<Socket>();
  const silent = createTcpServer((socket) => {
    open.add(socket.resume());
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const url = `https://localhost:${(silent.address() as AddressInfo).port}`;
  const signal = new AbortController().signal;
  const client = await createRedfishClient({ ...endpoint, url }, questions, { signal, timeoutMs: 300 });
  await expect(client.get('/redfish/v1/')).rejects.toThrow('no answer to /redfish/v1/ within 0.3 s');
  const stopping = new AbortController();
  const other = await createRedfishClient({ ...endpoint, url }, questions, { signal: stopping.signal });
  const asking = other.get('/redfish/v1/');
  await vi.waitFor(() => expect(open.size).toBeGreaterThan(0), patient);
  stopping.abort();
  await expect(asking).rejects.toThrow();
  await vi.waitFor(() => expect(open.size).toBe(0), patient);
  client.close();
  other.close();
  silent.close();
});
