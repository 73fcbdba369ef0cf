import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundleProgram } from '../../../scripts/bundle-program.js';

const checkout = join(import.meta.dirname, '../../..');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-bare-http-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const program = `import http, { createServer, STATUS_CODES } from 'node:http';
const server = createServer().listen(0, '127.0.0.1', () => server.close());
const loaded = process.moduleLoadList.filter((name) => /undici|http2/.test(name));
console.log(JSON.stringify({ loaded, text: STATUS_CODES[404], same: http.STATUS_CODES === STATUS_CODES }));
`;

const run = (file: string): unknown => {
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  return JSON.parse(stdout || `{"failed":${JSON.stringify(stderr)}}`);
};

test('a bundled program that imports node:http has it without Node’s undici and HTTP/2', async () => {
  const source = join(folder, 'source.mjs');
  writeFileSync(source, program);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const out = join(folder, 'out');
  await bundleProgram({ bundled: relative(checkout, source) }, { outDir: out });
  expect(run(join(out, 'bundled.js'))).toEqual({ loaded: [], text: 'Not Found', same: true });
  // What it is for: should Node load less by itself one day, this fails and `bareHttp` can go.
  expect(run(source)).toMatchObject({ loaded: expect.arrayContaining([expect.stringContaining('undici')]) });
});
