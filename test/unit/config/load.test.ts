import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadSettings } from '../../../config/load.ts';
import { configurationPage } from '../../../config/page.ts';
import { SextantError } from '../../../errors/sextant-error.ts';

let dataDir: string;
let file: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sextant-config-'));
  file = join(dataDir, 'sextant.yaml');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dataDir, { recursive: true, force: true });
});

test('reads the configuration of the package for the data folder of the package, and for no other', () => {
  const packaged = join(dataDir, 'agent.yaml');
  writeFileSync(packaged, 'site.name: harbour\n');
  vi.stubEnv('SEXTANT_DATA_DIR', dataDir);
  vi.stubEnv('SEXTANT_CONFIG', packaged);
  expect(loadSettings({ dataDir })['site.name']).toBe('harbour');
  expect(loadSettings({ dataDir: join(dataDir, 'other') })['site.name']).not.toBe('harbour');
  writeFileSync(file, 'site.name: named\n');
  expect(loadSettings({ dataDir, configFile: file })['site.name']).toBe('named');
  rmSync(packaged);
  expect(loadSettings({ dataDir })['site.name']).not.toBe('harbour');
});

const load = (text: string) => {
  writeFileSync(file, text);
  return loadSettings({ dataDir });
};
const faults = (text: string): string[] => {
  try {
    load(text);
  } catch (error) {
    if (!(error instanceof SextantError)) throw error;
    expect(error.code).toBe('SX_CONFIG_INVALID');
    expect(error.exitCode).toBe(2);
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim().replace(`${file}:`, ''));
  }
  return [];
};

test('needs no file', () => {
  const settings = loadSettings({ dataDir });
  expect(settings['collector.port']).toBe(8443);
  expect(Object.isFrozen(settings)).toBe(true);
});

test('reads nested and flat names, bytes, durations and lists', () => {
  const settings = load(`
site: { name: harbour }
collector:
  port: 9443
  names: [a.example, 10.0.0.7]
  retention:
    logs: 7d
agent.spool.maxBytes: 1.5GiB
agent:
  metrics: { interval: 15s }
  files:
    follow:
      - /var/log/*.log
`);
  expect(settings).toMatchObject({
    'site.name': 'harbour',
    'collector.port': 9443,
    'collector.names': ['a.example', '10.0.0.7'],
    'collector.retention.logs': 7 * 86_400_000,
    'agent.spool.maxBytes': 1.5 * 1024 ** 3,
    'agent.metrics.interval': 15_000,
    'agent.files.follow': ['/var/log/*.log'],
  });
});

test('reports every fault at once, each with its line and what is expected', () => {
  expect(
    faults(`collector:
  prot: 9443
  port: 70000
  retention:
    logs: 1h
    metrics: 7 days
  names: 1
agent:
  spool: full
  batch:
    maxBytes: 5GB
  batch:
    maxAge: -1
site.name: [a]
log.level:
`),
  ).toEqual([
    '2: collector.prot: is not a setting; expected perhaps collector.port',
    '3: collector.port: 70000 will not do; expected a port from 0 to 65535',
    '5: collector.retention.logs: "1h" will not do; expected a duration such as 30s, 15m or 7d, 1d or more',
    '6: collector.retention.metrics: "7 days" will not do; expected a duration such as 30s, 15m or 7d, 1d or more',
    '7: collector.names: 1 will not do; expected a list of texts',
    '9: agent.spool: is a group; expected settings such as agent.spool.maxBytes below it',
    '11: agent.batch.maxBytes: "5GB" will not do; expected an amount of bytes such as 64MiB, from 16KiB to 16MiB',
    '12: agent.batch: is set twice; expected once, and line 10 has it',
    '14: site.name: ["a"] will not do; expected a text',
    '15: log.level: nothing will not do; expected one of trace, debug, info, warn, error, silent',
  ]);
});

test('reports syntax with its line beside the other faults', () => {
  const found = faults('collector:\n  port: x\n\tnames: [a]\nagent:\n  node: [1, 2\n');
  expect(found).toContain('2: collector.port: "x" will not do; expected a port from 0 to 65535');
  expect(found.filter((line) => /^[345]: syntax: /.test(line)).length).toBeGreaterThan(0);
});

test('refuses a setting that is written twice in two ways', () => {
  expect(faults('collector.port: 1\ncollector:\n  port: 2\n')).toEqual([
    '3: collector.port: is set twice; expected once, and line 1 has it',
  ]);
});

test('refuses a file that is not a table of settings, and a named file that is not there', () => {
  expect(faults('- a\n- b\n')).toEqual(['1: configuration: expected settings, `name: value`']);
  expect(faults('# nothing yet\n')).toEqual([]);
  expect(() => loadSettings({ dataDir, configFile: join(dataDir, 'other.yaml') })).toThrow(/cannot read/);
});

test('checks what the command line says by the same bounds, and lets it win', () => {
  writeFileSync(file, 'collector.port: 9443\n');
  expect(loadSettings({ dataDir, overrides: { 'collector.port': 9500 } })['collector.port']).toBe(9500);
  expect(() => loadSettings({ dataDir, overrides: { 'collector.port': 99_999 } })).toThrow(
    /command line: collector.port: 99999 will not do/,
  );
});

test('docs/configuration.md is what the table says (npm run docs writes it)', () => {
  expect(readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationPage());
});

test.skipIf(process.platform === 'win32')('waits for no pipe in the place of the file', () => {
  execFileSync('mkfifo', [file]);
  let refusal: unknown;
  try {
    loadSettings({ dataDir });
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toMatchObject({
    code: 'SX_CONFIG_INVALID',
    message: expect.stringContaining(`cannot read the configuration ${file}: it is a pipe, not a file`),
  });
});
