import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readHead } from '../../../../../agent/sources/files/head.ts';

let folder: string;
let handle: FileHandle | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sx-head-'));
});
afterEach(async () => {
  await handle?.close();
  rmSync(folder, { recursive: true, force: true });
});

const path = () => join(folder, 'app.log');

/** The file behind the handle is truncated and written anew as soon as something of it was read. */
function replacedAfterFirstRead(of: FileHandle, content: string): FileHandle {
  return new Proxy(of, {
    get(target, name) {
      if (name !== 'read') return Reflect.get(target, name);
      return async (buffer: Buffer, offset: number, length: number, position: number) => {
        const result = await target.read(buffer, offset, length, position);
        truncateSync(path());
        writeFileSync(path(), content);
        return result;
      };
    },
  });
}

test('is of one content, also when the file is truncated and written anew while it is read', async () => {
  const old = 'line 0 of the story\n';
  writeFileSync(path(), old);
  handle = await open(path());
  const next = 'line 1000 of another story\n'.repeat(20);
  expect(String(await readHead(replacedAfterFirstRead(handle, next)))).toBe(old);
  expect(String(await readHead(handle))).toBe(next);
});

test('holds a limited number of bytes', async () => {
  writeFileSync(path(), 'x'.repeat(3_000));
  handle = await open(path());
  expect((await readHead(handle)).length).toBe(1024);
  expect((await readHead(handle, 10)).length).toBe(10);
});
