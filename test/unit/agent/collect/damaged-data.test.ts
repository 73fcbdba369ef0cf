import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadIdentity, writeIdentity } from '../../../../agent/identity/identity.ts';
import { loadSigningKey } from '../../../../bundle/minisign-key.ts';
import { loadRedactionKey } from '../../../../bundle/redaction/key.ts';
import { sextant } from '../../cli/run-sextant.ts';
import { openKeptNode } from '../ring/kept-node.ts';

let folder: string;
let dataDir: string;
const inData = (path: string): string => join(dataDir, path);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sextant-damaged-'));
  dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  writeFileSync(join(folder, 'test.yaml'), 'name: test\ndescription: nothing\nbundle: {}\n');
  writeFileSync(inData('sextant.yaml'), `agent:\n  profile: [${join(folder, 'test.yaml')}]\n`);
  writeIdentity(dataDir, {
    ...{ node: 'node-7', collectorUrl: 'https://collector:8443' },
    ...{ key: 'a key\n', certificate: 'a certificate\n', ca: 'an authority\n', profileKey: 'a key' },
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

async function collect(...args: string[]) {
  // Root reads whatever is there.
  if (uid !== undefined)
    for (const path of ['', ...readdirSync(folder, { recursive: true })]) own(join(folder, `${path}`));
  const all = ['agent', 'collect', '--data-dir', dataDir, '--since', '1h', '--role', 'none', '--redact', 'none'];
  const { code, out, err } = await sextant([...all, '--out', join(folder, 'out'), '--json', ...args], undefined, uid);
  return { code, stderr: err, answer: out.startsWith('{') ? JSON.parse(out) : undefined };
}
const uid = process.getuid?.() === 0 ? 12_345 : undefined;
function own(path: string): void {
  if (uid !== undefined && lstatSync(path).uid !== uid) lchownSync(path, uid, uid);
}
const randomBytes = Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 197 + 13) % 256));
const damages: [string, (path: string) => void][] = [
  ['truncated', (path) => truncateSync(path, 7)],
  ['of random bytes', (path) => writeFileSync(path, randomBytes)],
  [
    'replaced by a folder',
    (path) => {
      rmSync(path);
      mkdirSync(join(path, 'inside'), { recursive: true });
    },
  ],
  [
    'replaced by a pipe',
    (path) => {
      rmSync(path);
      execFileSync('mkfifo', [path]);
    },
  ],
  ['unreadable', (path) => chmodSync(path, 0)],
];

test.each(damages)('an identity file that is %s costs the node’s name, not the bundle', async (_, damage) => {
  const file = inData('agent/identity/agent.json');
  damage(file);
  const { code, stderr, answer } = await collect();
  expect(code, stderr).toBe(3);
  expect(answer.coverage.nodes).toMatchObject([{ node: hostname() }]);
  expect(answer.coverage.gaps).toMatchObject([
    { node: hostname(), source: 'data-folder/agent/identity/agent.json', state: 'partial' },
  ]);
  expect(answer.coverage.gaps[0].reason).toContain('the bundle has the host’s name');
  expect(stderr).toContain(file);
});

test('an estimate tells it too, and changes nothing', async () => {
  const file = inData('agent/identity/agent.json');
  writeFileSync(file, randomBytes);
  const { code, stderr } = await collect('--dry-run');
  expect(code, stderr).toBe(0);
  expect(stderr).toContain(file);
  expect(readFileSync(file)).toEqual(randomBytes);
});

test('a key of the identity that is damaged costs nothing: no collector is asked', async () => {
  writeFileSync(inData('agent/identity/node.key'), randomBytes);
  rmSync(inData('agent/identity/ca.crt'));
  const { code, stderr, answer } = await collect();
  expect(code, stderr).toBe(0);
  expect(answer.coverage.nodes).toMatchObject([{ node: 'node-7' }]);
});

test('an identity file without a name is damaged for the agent too', () => {
  writeFileSync(inData('agent/identity/agent.json'), '{}\n');
  expect(() => loadIdentity(dataDir)).toThrow(
    expect.objectContaining({ code: 'SX_CLIENT_CERTIFICATE', message: expect.stringContaining('damaged') }),
  );
});

/** Files that a bundle needs and makes, and those that it only looks into. */
const made = [
  'agent/collect/keys/sextant.key',
  'agent/collect/keys/redaction.key',
  'agent/collect/names.json',
  'agent/collect/unfinished.json',
];
const read = ['agent/ring/counters.json', 'agent/profiles/held.json'];

test.each(damages)('others that are %s are told, those that it needs are made anew', async (_, damage) => {
  const keys = inData('agent/collect/keys');
  loadRedactionKey(keys);
  const before = loadSigningKey(keys).publicKey.line;
  for (const path of [...made, ...read].map(inData)) {
    mkdirSync(dirname(path), { recursive: true });
    if (!path.endsWith('.key')) writeFileSync(path, '{"names":[],"floors":{},"thinnedRecords":0}\n');
    damage(path);
  }
  const { code, stderr, answer } = await collect();
  expect(code, stderr).toBe(3);
  const told = answer.coverage.gaps.map(({ source }: { source: string }) => source);
  expect(told.toSorted()).toEqual([...made, ...read].map((path) => `data-folder/${path}`).toSorted());
  for (const path of [...made, ...read]) expect(stderr).toContain(inData(path));
  expect(loadSigningKey(keys).publicKey.line).not.toBe(before);
  for (const path of made) {
    const aside = readdirSync(dirname(inData(path))).filter((name) =>
      inData(path).endsWith(name.split('.damaged-')[0] ?? ''),
    );
    expect(aside.some((name) => name.includes('.damaged-'))).toBe(true);
  }
});

test.each(damages)('so is the lock of the folder when it is %s', async (_, damage) => {
  mkdirSync(inData('agent/collect'), { recursive: true });
  for (const path of ['agent/collect/folder.lock', 'agent/collect/holder.json'].map(inData)) {
    writeFileSync(path, 'something');
    damage(path);
  }
  const { code, stderr, answer } = await collect();
  expect(code, stderr).toBe(3);
  expect(answer.coverage.gaps.map(({ source }: { source: string }) => source)).toContain(
    'data-folder/agent/collect/folder.lock',
  );
});

/** Everything in the data folder, made unwritable for its user. */
function forbidWriting(): void {
  for (const path of ['', ...readdirSync(dataDir, { recursive: true })]) {
    const place = inData(`${path}`);
    chmodSync(place, statSync(place).isDirectory() ? 0o555 : 0o444);
  }
}

/** The whole data folder on a filesystem that went read-only. */
function mountReadOnly(): void {
  execFileSync('mount', ['--bind', dataDir, dataDir]);
  execFileSync('mount', ['-o', 'remount,ro,bind', dataDir]);
}

const unwritable: [string, () => void, () => void][] = [['its user may not write', forbidWriting, () => undefined]];
if (uid !== undefined) {
  const unmount = (): void => void execFileSync('umount', [dataDir]);
  unwritable.push(['lies on a filesystem that is read-only', mountReadOnly, unmount]);
}

test.each(unwritable)('a data folder that %s gives a bundle signed with its key', async (_, close, open) => {
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  const first = await collect();
  expect(first.code, first.stderr).toBe(0);
  const before = readFileSync(inData('agent/collect/names.json'));
  close();
  try {
    const { code, stderr, answer } = await collect();
    expect(code, stderr).toBe(3);
    expect(answer.keyId).toMatch(/^[0-9A-F]{16}$/);
    expect(answer.keyId).toBe(first.answer.keyId);
    expect(answer.coverage.gaps).toMatchObject([{ source: 'data-folder/agent/collect', state: 'partial' }]);
    expect(stderr).toContain('keys were used from a copy');
    expect(stderr).toContain('`sextant agent reveal` will not know');
    expect(readFileSync(inData('agent/collect/names.json'))).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
  } finally {
    open();
  }
});

test.each(damages)('a segment that is %s costs what was in it', async (_, damage) => {
  const node = await openKeptNode(inData('agent'));
  node.logger('app').emit({ body: 'in the first stream' });
  await node.flush();
  await node.sample();
  await node.close();
  const spool = inData('agent/spool');
  const segment = readdirSync(spool).find((name) => name.startsWith('logs-') || name.startsWith('logs.')) ?? '';
  damage(join(spool, segment));
  const { code, stderr, answer } = await collect();
  expect(code, stderr).toBe(3);
  expect(answer.coverage.gaps).toMatchObject([{ source: 'telemetry/logs', state: 'partial' }]);
  expect(answer.coverage.sources.ok).toBeGreaterThan(0);
  expect(readFileSync(join(answer.path, 'index.html'), 'utf8')).toContain('telemetry/logs');
});
