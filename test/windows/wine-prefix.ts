import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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
import { wineEnvironment, wineLoader, wineServer } from './wine-programs.ts';
import { startWineServer } from './wine-server.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const cache = join(checkout, 'node_modules', '.cache', 'sextant-wine');

/**
 * A fresh prefix: Windows' own files (700 MB) are hard links to those of the one prefix that is made the first time,
 * the registry and what programs write to is copied.
 */
export async function clonePrefix(): Promise<string> {
  const original = await originalPrefix();
  removeAbandoned();
  const prefix = mkdtempSync(join(cache, `run-${process.pid}-`));
  mkdirSync(join(prefix, 'drive_c'));
  const inDrive = (name: string) => join(original, 'drive_c', name);
  const shared = ['windows', 'Program Files', 'Program Files (x86)'].map(inDrive).filter(existsSync);
  const copied = ['users', 'ProgramData'].map(inDrive).filter(existsSync);
  execFileSync('cp', ['-al', ...shared, join(prefix, 'drive_c')]);
  execFileSync('cp', ['-a', ...copied, join(prefix, 'drive_c')]);
  const registry = readdirSync(original).filter((name) => name.endsWith('.reg') || name === '.update-timestamp');
  execFileSync('cp', ['-a', ...[...registry, 'dosdevices'].map((name) => join(original, name)), prefix]);
  return prefix;
}

/** Adds variables to the environment that Windows gives everybody; before anything of this prefix runs. */
export function setSystemVariables(prefix: string, variables: Record<string, string>): void {
  const registry = join(prefix, 'system.reg');
  const section = /^\[System\\\\[^\]\n]*Session Manager\\\\Environment\].*\n/m;
  const text = readFileSync(registry, 'utf8');
  const lines = Object.entries(variables).map(([name, value]) => `"${name}"="${value.replaceAll('\\', '\\\\')}"\n`);
  if (!section.test(text)) throw new Error(`${registry} has no place for variables`);
  writeFileSync(
    registry,
    text.replace(section, (head) => `${head}${lines.join('')}`),
  );
}

async function originalPrefix(): Promise<string> {
  const version = spawnSync(wineServer, ['--version'], { encoding: 'utf8' }).stderr.trim();
  const place = join(cache, `prefix-${version.replaceAll(/[^\w.]+/g, '-')}`);
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, `run-${process.pid}-`));
  const wine = async (...args: string[]) => {
    // No pipes: services that start meanwhile would hold them open.
    const child = spawn(wineLoader, args, { cwd: fresh, env: wineEnvironment(fresh), stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`wine ${args.join(' ')} ended with ${code}`);
  };
  const server = startWineServer(fresh);
  try {
    await wine('wineboot', '-i');
    // As Windows 10 Wine's loopback refuses a fast path that Node asks for, and no connection comes about.
    await wine('winecfg', '-v', 'win81');
  } finally {
    await server.stop();
  }
  try {
    renameSync(fresh, place);
  } catch (error) {
    // Another test has been faster.
    if (!existsSync(place)) throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
  return place;
}

/** Removes prefixes of test runs that were killed. */
function removeAbandoned(): void {
  for (const name of readdirSync(cache)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) rmSync(join(cache, name), { recursive: true, force: true });
  }
}
