import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rsyslogdPresent, startRsyslogd } from './rsyslogd.ts';
import { startSyslogSite } from './syslog-site.ts';

if (!rsyslogdPresent) {
  console.warn('\n  !!  NOT RUN: syslog from rsyslogd (Debian packages rsyslog and rsyslog-gnutls)\n');
}

let site: Awaited<ReturnType<typeof startSyslogSite>>;
let identity: string;
beforeAll(async () => {
  if (!rsyslogdPresent) return;
  site = await startSyslogSite({ 'collector.syslog.peers': ['relay=127.0.0.1'] });
  identity = await site.enrollNode('alpha');
}, 60_000);
afterAll(() => site?.close());

/** The driver that Debian has, with our authority and the node's own certificate. */
const tlsGlobals = () =>
  `defaultNetstreamDriver="gtls"
   defaultNetstreamDriverCAFile="${site.authorityFile}"
   defaultNetstreamDriverCertFile="${join(identity, 'node.crt')}"
   defaultNetstreamDriverKeyFile="${join(identity, 'node.key')}"`;

const forward = (port: number, rest: string) => `action(type="omfwd" target="127.0.0.1" port="${port}" ${rest})`;
const overTls =
  'protocol="tcp" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost"';

test.runIf(rsyslogdPresent)(
  'over TLS with octet counting and RFC 5424, all that was said, under the proven name',
  async () => {
    const daemon = await startRsyslogd(
      tlsGlobals(),
      forward(site.ports.tls, `${overTls} TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"`),
    );
    const sentMs = Date.now();
    await daemon.log(
      ...['--rfc5424', '--id=815', '--tag', 'interop', '--priority', 'authpriv.warning', '--msgid', 'ID9'],
      ...['--sd-id', 'zone@32473', '--sd-param', 'slot="7 \\"b\\""', '--octet-count', 'Grüße über TLS'],
    );
    const [record] = await site.logs({ node: 'syslog:alpha', grep: 'über TLS' });
    expect(record).toEqual({
      timestamp: expect.any(String),
      node: 'syslog:alpha',
      severity: 'warn',
      body: 'Grüße über TLS',
      attributes: {
        'otel.scope.name': 'syslog',
        'network.transport': 'tcp',
        'network.peer.address': '127.0.0.1',
        'syslog.priority': '84',
        'syslog.facility': '10',
        'syslog.facility_text': 'authpriv',
        'syslog.version': '1',
        'syslog.hostname': hostname(),
        'syslog.appname': 'interop',
        'syslog.procid': '815',
        'syslog.msgid': 'ID9',
        'syslog.structured_data.zone@32473.slot': '7 "b"',
        'syslog.structured_data.timeQuality.tzKnown': '1',
        'syslog.structured_data.timeQuality.isSynced': expect.any(String),
      },
    });
    expect(Math.abs(Date.parse(record?.timestamp ?? '') - sentMs)).toBeLessThan(10_000);
    expect(daemon.output()).toBe('');
  },
);

test.runIf(rsyslogdPresent)('over TLS with newlines and RFC 3164', async () => {
  const daemon = await startRsyslogd(
    tlsGlobals(),
    forward(site.ports.tls, `${overTls} TCP_Framing="traditional" template="RSYSLOG_TraditionalForwardFormat"`),
  );
  await daemon.log('--rfc3164', '--id=816', '--tag', 'interop', '--priority', 'local7.debug', 'in lines');
  const [record] = await site.logs({ node: 'syslog:alpha', grep: 'in lines' });
  expect(record).toMatchObject({
    severity: 'debug',
    body: 'in lines',
    attributes: {
      'syslog.priority': '191',
      'syslog.hostname': hostname().split('.')[0],
      'syslog.appname': 'interop',
      'syslog.procid': '816',
    },
  });
});

test.runIf(rsyslogdPresent)('ten thousand messages over TLS come all, once and in order', async () => {
  const daemon = await startRsyslogd(
    tlsGlobals(),
    forward(site.ports.tls, `${overTls} TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"`),
  );
  const numbered = Array.from({ length: 10_000 }, (_, n) => `numbered ${n}`);
  const file = join(site.dataDir, 'numbered');
  writeFileSync(file, numbered.join('\n'));
  await daemon.log('--rfc5424', '--octet-count', '--tag', 'many', '--file', file);
  const records = await site.logs({ node: 'syslog:alpha', q: 'syslog.appname:many' }, numbered.length);
  expect(records.map(({ body }) => body)).toEqual(numbered);
});

test.runIf(rsyslogdPresent)('a payload in CEF is found by what it says', async () => {
  const daemon = await startRsyslogd(
    tlsGlobals(),
    `template(name="cef" type="string" string="<%PRI%>%TIMESTAMP% %HOSTNAME% %msg:::drop-last-lf%")
     ${forward(site.ports.tls, `${overTls} template="cef"`)}`,
  );
  const cef =
    'CEF:0|Microsoft|Microsoft Azure Local|1.0|Microsoft-Windows-Security-Auditing:4625|Logon|8|MasLevel=2 MasComputer=irvm01.site.local MasEventDescription=An account failed to log on. MasEventData=DOM\\\\user!!0xc000006d';
  await daemon.log('--octet-count', '--tag', 'x', '--priority', 'authpriv.err', cef);
  const [record] = await site.logs({ q: 'cef.signature_id:Microsoft-Windows-Security-Auditing:4625' });
  expect(record).toMatchObject({
    node: 'syslog:alpha',
    severity: 'error',
    attributes: {
      'cef.version': '0',
      'cef.device_vendor': 'Microsoft',
      'cef.device_product': 'Microsoft Azure Local',
      'cef.device_version': '1.0',
      'cef.name': 'Logon',
      'cef.severity': '8',
      'cef.ext.MasLevel': '2',
      'cef.ext.MasComputer': 'irvm01.site.local',
      'cef.ext.MasEventDescription': 'An account failed to log on.',
      'cef.ext.MasEventData': 'DOM\\user!!0xc000006d',
    },
  });
});
