import { expect, test } from 'vitest';
import { parseProfile } from '../../../../agent/profile/load.ts';
import { loadSettings } from '../../../../config/load.ts';
import { SextantError } from '../../../../errors/sextant-error.ts';

const faultsOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof SextantError) return error.message;
    throw error;
  }
  return '';
};
const faults = (text: string) => faultsOf(() => parseProfile(text, 'site.yaml'));
const quoted = (text: string): string => JSON.stringify(text);
const probe = (kind: string, more: string) => `probes: { ${kind}: [{ name: p, ${more} }] }`;
const item = (more: string) => `bundle: { r: { description: d, items: [{ name: i, ${more} }] } }`;

test.each([
  [
    'a glob that picomatch refuses',
    `files: { follow: [${quoted(`/${'a'.repeat(70_000)}`)}] }`,
    'files.follow.0: "/aaa',
  ],
  ['the same to be excluded', `files: { exclude: [${quoted(`/${'a'.repeat(70_000)}`)}] }`, 'more than 4096 characters'],
  ['a glob that takes for ever', 'files: { exclude: ["/*a*a*a*a*a*a*b"] }', 'name several narrower ones'],
  [
    'the same for names of processes',
    'metrics: { processes: { named: ["*a*a*a*a*a*b"] } }',
    'name several narrower ones',
  ],
  ['braces that become millions of files', item('files: ["/tmp/{1..3000000}.x"]'), 'more than 1000 variants'],
  ['a format’s glob', 'files: { formats: [{ name: f, match: [""] }] }', 'is empty; take it out'],
  [
    'an expression',
    'files: { formats: [{ name: f, match: [/a], multiline: { start: "a\\\\-b" } }] }',
    '(Invalid escape); put a \\',
  ],
  [
    'an expression that takes for ever and can be tried in no other way',
    'files: { formats: [{ name: f, match: [/a], multiline: { continue: "^(?=a)(a+)+$" } }] }',
    'multiline.continue: "^(?=a)(a+)+$" could take for ever over one line, and with (?=…) in it there is no other way',
  ],
  ['an interval that no timer takes', 'metrics: { interval: 30d }', 'from 1s to 20d'],
  ['a time limit that no timer takes', item('command: [id], timeout: 60d'), 'from 100ms to 20d'],
  [
    'an address that is none',
    probe('https', 'url: "https://exa mple/"'),
    'is no address; write https://HOST/… or http://HOST/…',
  ],
  ['a password in an address', probe('https', 'url: "https://u:secret@h/"'), 'has a user or password in it'],
  ['a list of revocations over https', probe('revocationLists', 'url: "https://h/x.crl"'), 'begins with https:'],
  ['a URL for a host', probe('tcp', 'host: "https://h", port: 1'), 'write a host alone'],
  ['a name that is too long for DNS', probe('dns', `query: ${'a.'.repeat(200)}b`), 'is no name and no address'],
  ['a name for a DNS server', probe('dns', 'query: h, server: ns.example'), 'write 192.0.2.53, 192.0.2.53:5353 or'],
  ['a port that is none', probe('dns', 'query: h, server: "192.0.2.1:99999"'), 'is no address of a server'],
  [
    'a BMC without an address',
    'hardware: { redfish: [{ name: b, url: "https://", credentials: /c }] }',
    'is no address',
  ],
  ['a control plane without TLS', 'probes: { controlPlane: { url: "http://h" } }', 'begins with http:'],
  ['a service of two lines', probe('services', 'service: "a\\nb"'), 'has a control character in it'],
  ['an argument that no program takes', item('command: [id, "a\\0b"]'), 'bundle.r.items.0.command.1'],
  // The control stream would take a longer name for an attack and close.
  [
    'a role’s name that is too long',
    `bundle: { ${'r'.repeat(65)}: { description: d, items: [] } }`,
    'is not known here',
  ],
  ['a role whose name is none', 'bundle: { "Bad role": { items: 7 } }', 'bundle.Bad role: is not known here'],
  [
    'an item’s name that is too long',
    `bundle: { r: { description: d, items: [{ name: ${'i'.repeat(101)} }] } }`,
    '100',
  ],
  [
    'a metric’s name that OpenTelemetry refuses',
    `counters: { metrics: [{ name: c, counter: '\\A\\B', metric: a.${'b'.repeat(255)}, unit: "1", description: d }] }`,
    '255',
  ],
])('refuses %s, with the place', (_, text, said) => {
  const found = faults(text);
  expect(found).toContain('site.yaml:1: ');
  expect(found).toContain(said);
  expect(found.length, 'not the text itself').toBeLessThan(1000);
});

test.each([
  'files: { follow: ["!/var/log/*.gz", "/var/log/!(*.gz)", "C:\\\\Program Files (x86)\\\\x\\\\*.log"] }',
  'eventLog: { readExisting: 90d }',
  probe('https', 'url: "https://portal.{suffix}:8443/x?y"'),
  probe('tcp', 'host: "2001:db8::1", port: 1'),
  probe('tcp', 'host: "portal.{suffix}", port: 1'),
  probe('dns', 'query: "_ldap._tcp.{suffix}", type: SRV, server: "[2001:db8::53]:5353"'),
  probe('files', 'files: [/srv/backup/*], maxAge: 90d'),
  'probes: { controlPlane: { url: "" }, suffix: "" }',
])('takes %s', (text) => {
  expect(faults(text)).toBe('');
});

test.each([
  [{ 'agent.files.follow': [''] }, '"" is empty; take it out'],
  [{ 'agent.ring.keep': ['a'.repeat(5000)] }, 'more than 4096 characters'],
  [{ 'agent.metrics.interval': 30 * 86_400_000 }, 'from 0ms to 20d'],
  [{ 'agent.batch.maxAge': 30 * 86_400_000 }, 'from 10ms to 20d'],
])('so do settings: %.40j', (overrides, said) => {
  expect(faultsOf(() => loadSettings({ dataDir: '/nowhere', overrides }))).toContain(said);
});
