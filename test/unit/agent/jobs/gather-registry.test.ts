import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileQuestions } from '../../../../agent/filesystems/file-questions.ts';
import type { GatherContext } from '../../../../agent/jobs/gather-context.ts';
import { type ExportKey, exportKey, gatherRegistry, KeyNotThere } from '../../../../agent/jobs/gather-registry.ts';
import { registryText } from '../../../../agent/jobs/registry-text.ts';
import { parseProfile } from '../../../../agent/profile/load.ts';
import { openVolume } from '../../../../bundle/open-volume.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { createVolumeWriter } from '../../../../bundle/volume-writer.ts';

/** As reg.exe writes bytes: pairs of digits, lines of 80 characters that end with a backslash. */
const hexOf = (text: string): string =>
  (Buffer.from(`${text}\0`, 'utf16le').toString('hex').match(/../g) ?? []).join(',').replace(/(.{60},)/g, '$1\\\r\n  ');

const exported = (...lines: string[]): Buffer =>
  Buffer.from(`\ufeffWindows Registry Editor Version 5.00\r\n\r\n${lines.join('\r\n')}\r\n`, 'utf16le');

const key = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sextant-registry-'));
  await mkdir(join(folder, 'scratch'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function gather(registry: string[], exporting: ExportKey, maxBytes?: number) {
  const writer = createVolumeWriter({ folder, base: 'n1' });
  const redactor = createRedactor({
    key: Buffer.alloc(32),
    profile: 'standard',
    names: [{ kind: 'host', name: 'fileserver07' }],
  });
  const context: GatherContext = {
    ...{ writer, redactor, fromUnixMs: 0, untilUnixMs: 1, nowMs: Date.now, signal: new AbortController().signal },
    questions: createFileQuestions({ most: 4 }),
    scratch: join(folder, 'scratch'),
    maxBytesOf: () => maxBytes ?? Number.POSITIVE_INFINITY,
    onProgress: () => undefined,
    onBytes: () => undefined,
    onRecords: () => undefined,
    onExpected: () => undefined,
    onEntry: () => undefined,
  };
  const outcome = await gatherRegistry('registry/test', { registry }, context, exporting);
  const files: Record<string, string> = {};
  for (const volume of await writer.close()) {
    for await (const entry of openVolume(volume.path)) {
      const chunks: Buffer[] = [];
      for await (const chunk of await entry.content()) chunks.push(chunk);
      files[entry.path] = Buffer.concat(chunks).toString('utf8');
    }
  }
  expect(await readdir(join(folder, 'scratch'))).toEqual([]);
  return { outcome, files };
}

test('a key becomes text: what stands in it as bytes is readable, and redacted like everything else', async () => {
  const { outcome, files } = await gather([key], async (_, file) =>
    writeFile(
      file,
      exported(
        `[${key}]`,
        '"CrashDumpEnabled"=dword:00000007',
        `"DedicatedDumpFile"=hex(2):${hexOf('\\\\fileserver07\\dumps\\memory.dmp')}`,
        `"Servers"=hex(7):${hexOf('fileserver07\0other')}`,
        `"Command"=hex(2):${hexOf('net use z: /user:eva password=hunter2')}`,
        '"Blob"=hex:68,00,75,00,6e,00',
        '"Since"=hex(b):00,01,00,00,00,00,00,00',
        '@="the key\'s own"',
      ),
    ),
  );
  expect(outcome).toMatchObject({ state: 'ok', masked: { password: 1 } });
  const text = Object.values(files).join('');
  expect(Object.keys(files)).toEqual([`registry/test/${key.replaceAll('\\', '/')}.reg.txt`]);
  expect(text.split('\n').slice(2)).toEqual([
    `[${key}]`,
    '"CrashDumpEnabled"=dword:00000007',
    expect.stringMatching(/^"DedicatedDumpFile"=expandable:"\\\\\\\\host-\w{8}\\\\dumps\\\\memory\.dmp"$/),
    expect.stringMatching(/^"Servers"=texts:"host-\w{8}"$/),
    '"Servers"=texts:"other"',
    expect.stringMatching(/password=\[masked:password:[0-9a-f]{8}\]/),
    '"Blob"=[sextant: left out: 6 bytes that are no text]',
    '"Since"=qword:0000000000000100',
    '@="the key\'s own"',
    '',
  ]);
  expect(text).not.toMatch(/hunter2|fileserver07/);
});

test('a key that is not there takes nothing from the others; one that is refused is a gap', async () => {
  const some: ExportKey = async (asked, file) => {
    if (asked.endsWith('Gone')) throw new KeyNotThere('cannot be found', 'absent');
    if (asked.endsWith('Secret')) throw new KeyNotThere('Access is denied.', 'denied');
    await writeFile(file, exported(`[${asked}]`));
  };
  expect((await gather([`${key}\\Gone`, key], some)).outcome.state).toBe('ok');
  expect((await gather([`${key}\\Gone`], some)).outcome).toMatchObject({ state: 'absent', reason: 'cannot be found' });
  expect((await gather([key, `${key}\\Secret`], some)).outcome).toMatchObject({ state: 'partial' });
  expect((await gather([`${key}\\Secret`], some)).outcome).toMatchObject({ state: 'denied' });
  if (process.platform !== 'win32') {
    expect((await gather([key], exportKey)).outcome).toMatchObject({ state: 'absent' });
  }
});

test('more than the item may bring is cut and marked', async () => {
  const many = Array.from({ length: 500 }, (_, n) => `"value ${n}"=dword:00000007`);
  const { outcome, files } = await gather([key], async (_, file) => writeFile(file, exported(...many)), 5000);
  expect(outcome).toMatchObject({ state: 'partial' });
  expect(outcome.bytes).toBeLessThan(5300);
  expect(Object.values(files)[0]).toMatch(/\[sextant: cut here: the item may bring 4\.9 KiB/);
});

test('a value without end costs no memory and is left out', async () => {
  async function* endless(): AsyncGenerator<string> {
    yield '"Huge"=hex:\\\r\n';
    for (let n = 0; n < 40; n += 1) yield `  ${'00,'.repeat(20_000)}\\\r\n`;
    yield '  00\r\n"Next"="fine"\r\n';
  }
  const lines: string[] = [];
  for await (const line of registryText(endless())) lines.push(line);
  expect(lines).toEqual(['"Huge"=[sextant: left out: a value of more than 1 MiB]\n', '"Next"="fine"\n']);
});

test.each([
  ['HKLM\\SYSTEM\\CurrentControlSet\\Services\\W32Time', true],
  ['HKLM\\SOFTWARE', false],
  ['HKLM\\SAM\\Domains', false],
  ['HKLM\\security\\Policy', false],
  ['HKLM\\SECURITYHEALTH\\x', true],
  ['C:\\Windows', false],
  ['HKLM\\SOFTWARE\\"a" & calc', false],
])('a profile may name %s: %s', (registry, allowed) => {
  const profile = `name: test\nbundle: { r: { description: d, items: [{ name: k, registry: ['${registry}'] }] } }\n`;
  const parse = () => parseProfile(profile, 'test.yaml');
  if (allowed) expect(parse).not.toThrow();
  else expect(parse).toThrow();
});
