import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { formatIdentityFile, generateIdentity } from '../../../bundle/age/key.ts';
import { encryptPayload } from '../../../bundle/encrypt-payload.ts';
import { loadSigningKey } from '../../../bundle/minisign-key.ts';
import { formatReadme } from '../../../bundle/readme.ts';
import { renderReport } from '../../../bundle/report.ts';
import { sealBundle } from '../../../bundle/seal.ts';
import { createStaging } from '../../../bundle/staging.ts';
import { verifyBundle } from '../../../bundle/verify.ts';
import { createVolumeWriter } from '../../../bundle/volume-writer.ts';
import { sampleCoverage, temporaryFolder } from './sample-bundle.ts';

const run = promisify(execFile);

/** In a folder as people have them. */
async function bundle(recipients: Parameters<typeof encryptPayload>[1]): Promise<{ path: string; home: string }> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const coverage = sampleCoverage();
  coverage.bundle.recipients = recipients.length;
  const staging = await createStaging(folder, coverage.bundle.name);
  for (const base of ['host-1', 'telemetry']) {
    const writer = createVolumeWriter({ folder: join(staging, 'data'), base });
    await writer.add({ path: 'logs/a.log', modifiedMs: 0 }, [Buffer.from(`evidence of ${base}`)]);
    await writer.close();
  }
  await encryptPayload(join(staging, 'data'), recipients);
  const report = renderReport({ coverage, alerts: [], inventories: [], charts: [] });
  const key = loadSigningKey(join(folder, 'keys'));
  const sealed = await sealBundle({ stagingFolder: staging, coverage, report, key });
  const [odd, home] = [join(folder, "it's für Ä (2)"), join(folder, 'my home')];
  await mkdir(odd);
  await mkdir(home);
  const path = join(odd, basename(sealed.path));
  await rename(sealed.path, path);
  return { path, home };
}

/** What stands as a command in README.txt, as one would paste it. */
const commandsOf = (readme: string): string[] =>
  readme
    .slice(readme.indexOf('CHECK IT'))
    .split('\n')
    .filter((line) => /^ {7}\S/.test(line))
    .map((line) => line.trim());

async function pasted(path: string, home: string, keyFile = 'KEYFILE'): Promise<string[]> {
  const readme = await readFile(join(path, 'README.txt'), 'utf8');
  const commands = commandsOf(readme).map((command) => command.replace('KEYFILE', `'${keyFile}'`));
  await run('bash', ['-euc', commands.join('\n')], { cwd: path, env: { ...process.env, HOME: home } });
  return commands;
}

async function textOf(home: string, volume: string): Promise<string> {
  const [name = ''] = await readdir(home);
  return readFile(join(home, name, volume, 'logs/a.log'), 'utf8');
}

test('the commands of README.txt check and open the bundle as they stand, and leave it as it was signed', async () => {
  const { path, home } = await bundle([]);
  expect((await pasted(path, home)).map((command) => command.split(' ')[0])).toEqual([
    ...['minisign', 'sha512sum', 'sha512sum', 'for', `OUT="$HOME/${basename(path)}-opened";`, 'for'],
  ]);
  for (const base of ['host-1', 'telemetry']) expect(await textOf(home, `${base}.v001`)).toBe(`evidence of ${base}`);
  expect((await verifyBundle(path)).ok).toBe(true);
});

test('those of an encrypted bundle do too, with the path of a key file put in', async () => {
  const [identity, other] = [generateIdentity(), generateIdentity()];
  const { path, home } = await bundle([identity.recipient, other.recipient]);
  const keyFile = join(home, '..', 'my key.agekey');
  await writeFile(keyFile, formatIdentityFile(identity, 0), { mode: 0o600 });
  await pasted(path, home, keyFile);
  for (const base of ['host-1', 'telemetry']) expect(await textOf(home, `${base}.v001`)).toBe(`evidence of ${base}`);
  expect((await verifyBundle(path)).ok).toBe(true);
});

test('of a bundle that is encrypted in part, both ways are there', () => {
  const readme = formatReadme(sampleCoverage(), { publicKeyLine: 'RWQx', keyId: 'x', isMixed: true });
  const commands = commandsOf(readme).join('\n');
  expect(commands).toContain('unzip -q "$f"');
  expect(commands).toContain('age -d -i KEYFILE');
});
