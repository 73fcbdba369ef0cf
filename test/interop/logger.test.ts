import { execFile, spawnSync } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { patient } from '../patience.ts';
import { startSyslogSite } from './syslog-site.ts';

const run = promisify(execFile);
const present = spawnSync('logger', ['--version']).status === 0;
if (!present)
  console.warn('\n  !!  NOT RUN: syslog from `logger`, which this machine lacks (Debian package bsdutils)\n');

let site: Awaited<ReturnType<typeof startSyslogSite>>;
beforeAll(async () => {
  site = await startSyslogSite({ 'collector.syslog.peers': ['this-machine=127.0.0.1'] });
});
afterAll(() => site?.close());

const to = (transport: 'tcp' | 'udp') => [
  `--${transport}`,
  '--server',
  '127.0.0.1',
  '--port',
  String(site.ports[transport]),
];
const user = userInfo().username;
/** RFC 3164 wants the host's name without its domain. */
const shortHost = hostname().split('.')[0];

test.runIf(present)('over TCP in RFC 5424, all that was said is found under the peer’s name', async () => {
  await run('logger', [
    ...[...to('tcp'), '--rfc5424', '--priority', 'local3.err', '--id=4711', '--tag', 'interop', '--msgid', 'ID7'],
    ...['--sd-id', 'zone@32473', '--sd-param', 'rack="r1"', '--sd-param', 'slot="7 \\"b\\""'],
    'grüße over tcp',
  ]);
  const [record] = await site.logs({ node: 'syslog:this-machine', grep: 'over tcp' });
  expect(record).toMatchObject({
    node: 'syslog:this-machine',
    severity: 'error',
    body: 'grüße over tcp',
    attributes: {
      'otel.scope.name': 'syslog',
      'network.peer.address': '127.0.0.1',
      'network.transport': 'tcp',
      'syslog.priority': '155',
      'syslog.facility': '19',
      'syslog.facility_text': 'local3',
      'syslog.version': '1',
      'syslog.hostname': hostname(),
      'syslog.appname': 'interop',
      'syslog.procid': '4711',
      'syslog.msgid': 'ID7',
      'syslog.structured_data.zone@32473.rack': 'r1',
      'syslog.structured_data.zone@32473.slot': '7 "b"',
      'syslog.structured_data.timeQuality.tzKnown': '1',
    },
  });
  expect(Math.abs(Date.parse(record?.timestamp ?? '') - Date.now())).toBeLessThan(60_000);
  expect(record?.attributes).not.toHaveProperty('syslog.malformed');
});

test.runIf(present)('over TCP with octet counting, newlines stay inside a message', async () => {
  await run('logger', [...to('tcp'), '--octet-count', '--tag', 'interop', 'counted one\ncounted two']);
  const records = await site.logs({ grep: 'counted' });
  expect(records.map(({ body }) => body)).toEqual(['counted one\ncounted two']);
});

test.runIf(present)('over UDP in RFC 3164, in the zone that is configured', async () => {
  await run('logger', [...to('udp'), '--rfc3164', '--priority', 'auth.notice', '--tag', 'interop', 'over udp'], {
    env: { ...process.env, TZ: 'UTC' },
  });
  const [record] = await site.logs({ q: 'syslog.facility_text:auth over udp' });
  expect(record).toMatchObject({
    severity: 'info',
    body: 'over udp',
    attributes: {
      'network.transport': 'udp',
      'syslog.priority': '37',
      'syslog.hostname': shortHost,
      'syslog.appname': 'interop',
    },
  });
  expect(Math.abs(Date.parse(record?.timestamp ?? '') - Date.now())).toBeLessThan(60_000);
});

test.runIf(present)('a tag that nobody chose is the user’s name', async () => {
  await run('logger', [...to('udp'), 'untagged']);
  const [record] = await site.logs({ grep: 'untagged' });
  expect(record?.attributes['syslog.appname']).toBe(user);
});

test.runIf(present)('what came is told as a metric of the collector, by peer', async () => {
  await expect
    .poll(() => site.api('metrics/points?name=sextant.collector.syslog.received&since=15m&node=@collector'), {
      ...patient,
      interval: 200,
    })
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ attributes: expect.objectContaining({ peer: 'this-machine' }) }),
      ]),
    );
});
