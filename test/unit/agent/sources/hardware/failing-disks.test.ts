import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProgramQueue } from '../../../../../agent/programs/program-queue.ts';
import { readNut } from '../../../../../agent/sources/hardware/nut.ts';
import { parseSmartReport, readSmart } from '../../../../../agent/sources/hardware/smartctl.ts';
import { root } from '../../../../../config/root.ts';

const recorded = join(root, 'test/data/hardware/smartctl-nvme.json');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-smart-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Something that answers as smartctl does: the disks by name, and what each of them brings. */
function smartctl(disks: Record<string, string>): string {
  const program = join(folder, 'smartctl');
  const devices = Object.keys(disks).map((name) => ({ name, type: 'nvme' }));
  const cases = Object.entries(disks).map(([name, command]) => `*" ${name}") ${command} ;;`);
  writeFileSync(
    program,
    `#!/bin/sh\necho "$*" >> ${folder}/asked\ncase "$*" in\n--scan*) echo '${JSON.stringify({ devices })}' ;;\n${cases.join('\n')}\nesac\n`,
  );
  chmodSync(program, 0o755);
  return program;
}
const read = (disks: Record<string, string>, withinMs?: number) =>
  readSmart(smartctl(disks), createProgramQueue(), AbortSignal.timeout(60_000), {
    // Far more than an answer takes, on a busy machine too.
    timeoutMs: 2000,
    ...(withinMs !== undefined && { withinMs }),
  });

test.skipIf(process.platform === 'win32')(
  'a disk that hangs, or whose report is none, costs itself alone',
  async () => {
    const readings = await read({
      '/dev/hangs': 'sleep 60',
      '/dev/garbage': 'echo no JSON',
      '/dev/list': 'echo "[]"',
      '/dev/good': `cat ${recorded}`,
    });
    expect(new Set(readings.map(({ id }) => id))).toEqual(new Set(['disk/S3R1AL0001']));
    await expect(read({ '/dev/garbage': 'echo no JSON' })).rejects.toThrow('smartctl printed no JSON');
  },
);

test.skipIf(process.platform === 'win32')('disks that hang one after the other do not cost what was read', async () => {
  const good = `cat ${recorded}`;
  const hanging = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`/dev/hangs${at}`, 'sleep 60']));
  expect((await read({ '/dev/good': good, ...hanging }, 2500)).length).toBeGreaterThan(5);
  const asked = readFileSync(join(folder, 'asked'), 'utf8').match(/hangs\d+$/gm) ?? [];
  expect(asked.length, 'some of them').toBeGreaterThan(0);
  expect(asked.length, 'not all of them').toBeLessThan(20);
});

test('one value of another kind costs that value alone', () => {
  const report = JSON.parse(readFileSync(recorded, 'utf8'));
  const whole = parseSmartReport(JSON.stringify(report));
  const odd = parseSmartReport(
    JSON.stringify({
      ...report,
      temperature: null,
      power_on_time: { hours: 'many' },
      ata_smart_attributes: { table: [{ id: 1 }, null] },
    }),
  );
  const named = (readings: typeof whole) => new Set(readings.map(({ metric }) => metric));
  expect(named(whole).difference(named(odd))).toEqual(new Set(['hw.temperature']));
});

test.skipIf(process.platform === 'win32')('a UPS that says too much costs itself alone', async () => {
  const upsc = join(folder, 'upsc');
  writeFileSync(
    upsc,
    `#!/bin/sh
case "$1" in
-l) printf 'much\\ngood\\n' ;;
much) head -c 100000 /dev/zero ;;
good) printf 'battery.charge: 80\\nups.status: OL\\n' ;;
esac
`,
  );
  chmodSync(upsc, 0o755);
  const readings = await readNut(upsc, createProgramQueue(), AbortSignal.timeout(60_000));
  expect(readings?.find(({ metric }) => metric === 'hw.battery.charge')).toMatchObject({ id: 'ups/good', value: 0.8 });
});
