import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { windowsCompiler } from '../wine-programs.ts';

const cache = fileURLToPath(new URL('../../../node_modules/.cache/sextant-wevtapi/', import.meta.url));
const flags = ['-Wall', '-Wextra', '-Werror', '-O1', '-shared', '-static-libgcc', '-s'];

/** Path of the stand-in wevtapi.dll, compiled when its sources have changed. */
export function buildStandIn(): string {
  const sources = readdirSync(import.meta.dirname)
    .filter((name) => /\.[ch]$/.test(name))
    .sort()
    .map((name) => join(import.meta.dirname, name));
  const hash = createHash('sha256').update(flags.join());
  for (const path of sources) hash.update(readFileSync(path));
  const place = join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(place)) return join(place, 'wevtapi.dll');
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, '.build-'));
  try {
    // As one unit: windows.h takes a second each time that it is read.
    const unit = join(fresh, 'unit.c');
    const included = sources.filter((path) => path.endsWith('.c'));
    writeFileSync(unit, included.map((path) => `#include "${path}"\n`).join(''));
    execFileSync(windowsCompiler, [...flags, '-o', join(fresh, 'wevtapi.dll'), unit]);
    renameSync(fresh, place);
  } catch (error) {
    // Another test may have been faster.
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return join(place, 'wevtapi.dll');
}
