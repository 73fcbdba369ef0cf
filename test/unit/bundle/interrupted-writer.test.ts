import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeLeftovers } from '../../../bundle/staging.ts';
import { verifyBundle } from '../../../bundle/verify.ts';
import { temporaryFolder } from './sample-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes bundles until it is killed; prints a line for each step, so that the kill comes at different ones. */
const writer = `
import { makeSampleBundle } from ${JSON.stringify(new URL('./sample-bundle.ts', import.meta.url).href)};
import { renameSync } from 'node:fs';
import { join } from 'node:path';
for (let n = 0; ; n++) {
  const { path } = await makeSampleBundle(process.argv[1]);
  renameSync(path, join(process.argv[1], 'kept-' + n));
  console.log(n);
}`;

test.each([0, 3, 7, 11, 19])(
  'a writer that is killed after %i ms leaves nothing that passes for a bundle but is none',
  async (ms) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, ms));
    child.kill('SIGKILL');
    await once(child, 'close');

    for (const name of await readdir(folder)) {
      if (name === 'keys') continue;
      const { ok } = await verifyBundle(join(folder, name));
      expect(`${name}: ${ok}`).toBe(`${name}: ${!name.endsWith('.partial')}`);
    }
    await removeLeftovers(folder);
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  },
);

test('a whole folder under an unfinished name is not taken for a bundle', async () => {
  await mkdir(join(folder, 'sx-a.partial'));
  const report = await verifyBundle(join(folder, 'sx-a.partial'));
  expect(report.ok).toBe(false);
  expect(report.parts[0]).toMatchObject({ detail: expect.stringContaining('unfinished') });
});
