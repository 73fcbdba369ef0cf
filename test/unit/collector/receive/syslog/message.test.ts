import { expect, test } from 'vitest';
import { readMessage } from '../../../../../collector/receive/syslog/message.ts';
import { openTimeZone } from '../../../../../collector/receive/syslog/time-zone.ts';

const nowMs = Date.parse('2026-11-20T12:30:00Z');
const utc = { zone: openTimeZone('UTC'), nowMs };
const unix = (iso: string, nanos = 0) => [Date.parse(iso) / 1000, nanos];
const noon = '2026-11-20T12:00:00Z';

const examples: [who: string, line: string, expected: object][] = [
  [
    'rsyslog, RSYSLOG_SyslogProtocol23Format',
    '<30>1 2026-11-20T13:00:00.123456+01:00 n1 systemd 1 - - Started Daily apt activities.',
    {
      ...{ priority: 30, version: 1, time: unix(noon, 123_456_000), hostname: 'n1', appname: 'systemd', procid: '1' },
      ...{ structuredData: [], text: 'Started Daily apt activities.' },
    },
  ],
  [
    'rsyslog, RSYSLOG_ForwardFormat',
    '<30>2026-11-20T12:00:00.123456+00:00 n1 systemd[1]: Started Session 4 of user root.',
    {
      ...{ priority: 30, time: unix(noon, 123_456_000), hostname: 'n1', appname: 'systemd', procid: '1' },
      text: 'Started Session 4 of user root.',
    },
  ],
  [
    'RFC 3164, its own example',
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
    {
      ...{ priority: 34, time: unix('2026-10-11T22:14:15Z'), hostname: 'mymachine', appname: 'su' },
      text: "'su root' failed for lonvick on /dev/pts/8",
    },
  ],
  [
    'RFC 5424, its example 3: byte order mark and structured data',
    '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] \ufeffAn application event log entry...',
    {
      ...{ priority: 165, version: 1, time: unix('2003-10-11T22:14:15Z', 3_000_000), msgid: 'ID47' },
      ...{ hostname: 'mymachine.example.com', appname: 'evntslog' },
      structuredData: [
        {
          id: 'exampleSDID@32473',
          parameters: [
            { name: 'iut', value: '3' },
            { name: 'eventSource', value: 'Application' },
            { name: 'eventID', value: '1011' },
          ],
        },
      ],
      text: 'An application event log entry...',
    },
  ],
  [
    'RFC 5424, its example 4: structured data and no text',
    '<165>1 2003-10-11T22:14:15.003Z h a - - [x@1 a="\\"\\\\\\]\\n"][y@2]',
    {
      ...{ priority: 165, version: 1, time: unix('2003-10-11T22:14:15Z', 3_000_000), hostname: 'h', appname: 'a' },
      structuredData: [
        { id: 'x@1', parameters: [{ name: 'a', value: '"\\]\\n' }] },
        { id: 'y@2', parameters: [] },
      ],
      text: '',
    },
  ],
  ['RFC 5424, nothing but nil', '<0>1 - - - - - -', { priority: 0, version: 1, structuredData: [], text: '' }],
  [
    'logger --rfc5424',
    '<13>1 2026-11-20T12:00:00.000001+00:00 n1 root - - [timeQuality tzKnown="1" isSynced="0"] hello',
    {
      ...{ priority: 13, version: 1, time: unix(noon, 1000), hostname: 'n1', appname: 'root', text: 'hello' },
      structuredData: [
        {
          id: 'timeQuality',
          parameters: [
            { name: 'tzKnown', value: '1' },
            { name: 'isSynced', value: '0' },
          ],
        },
      ],
    },
  ],
  [
    'logger to a local socket: no host name',
    '<13>Nov 20 12:00:00 backup[77]: it is done',
    { priority: 13, time: unix(noon), appname: 'backup', procid: '77', text: 'it is done' },
  ],
  [
    'the kernel through rsyslog',
    '<4>Nov 20 12:00:00 n1 kernel: [  12.345678] nvme nvme0: I/O 12 QID 4 timeout',
    {
      ...{ priority: 4, time: unix(noon), hostname: 'n1', appname: 'kernel' },
      text: '[  12.345678] nvme nvme0: I/O 12 QID 4 timeout',
    },
  ],
  [
    'a day of one digit',
    '<13>Nov  2 03:04:05 n1 a: b',
    { priority: 13, time: unix('2026-11-02T03:04:05Z'), hostname: 'n1', appname: 'a', text: 'b' },
  ],
  [
    'Cisco IOS with sequence number and an unsynchronised clock',
    '<189>29: *Nov 20 12:00:00.123: %SYS-5-CONFIG_I: Configured from console by vty0 (10.0.0.9)',
    {
      ...{ priority: 189, sequence: '29', time: unix(noon, 123_000_000), msgid: '%SYS-5-CONFIG_I' },
      text: '%SYS-5-CONFIG_I: Configured from console by vty0 (10.0.0.9)',
    },
  ],
  [
    'Cisco IOS with origin id and a zone',
    '<187>148: router1: Nov 20 12:00:00.123 UTC: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down',
    {
      ...{
        priority: 187,
        sequence: '148',
        hostname: 'router1',
        time: unix(noon, 123_000_000),
        msgid: '%LINK-3-UPDOWN',
      },
      text: '%LINK-3-UPDOWN: Interface Gi0/1, changed state to down',
    },
  ],
  [
    'Cisco NX-OS: year first',
    '<189>: 2026 Nov 20 12:00:00 UTC: %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up',
    {
      ...{ priority: 189, time: unix(noon), msgid: '%ETHPORT-5-IF_UP' },
      text: '%ETHPORT-5-IF_UP: Interface Ethernet1/1 is up',
    },
  ],
  [
    'Cisco ASA with device id',
    '<166>Nov 20 2026 12:00:00 asa1 : %ASA-6-302013: Built outbound TCP connection 1',
    {
      ...{ priority: 166, time: unix(noon), hostname: 'asa1', msgid: '%ASA-6-302013' },
      text: '%ASA-6-302013: Built outbound TCP connection 1',
    },
  ],
  [
    'VMware ESXi',
    '<166>2026-11-20T12:00:00.123Z esx01.site.local Hostd: info hostd[2099412] [Originator@6876 sub=Vimsvc] Event 1 : x',
    {
      ...{ priority: 166, time: unix(noon, 123_000_000), hostname: 'esx01.site.local', appname: 'Hostd' },
      text: 'info hostd[2099412] [Originator@6876 sub=Vimsvc] Event 1 : x',
    },
  ],
  [
    'the control plane of Azure Local',
    '<86>Nov 20 12:00:00 IRVM01 CEF:0|Microsoft|Microsoft Azure Local|1.0|Microsoft-Windows-Security-Auditing:4624|Logon|2|MasLevel=4',
    {
      ...{ priority: 86, time: unix(noon), hostname: 'IRVM01' },
      text: 'CEF:0|Microsoft|Microsoft Azure Local|1.0|Microsoft-Windows-Security-Auditing:4624|Logon|2|MasLevel=4',
    },
  ],
  ['no time', '<13>disk is full', { priority: 13, text: 'disk is full' }],
  ['no time, a tag', '<13>cron[5]: disk is full', { priority: 13, appname: 'cron', procid: '5', text: 'disk is full' }],
  ['a time that is none', '<13>Nov 31 12:00:00 n1 a: b', { priority: 13, text: 'Nov 31 12:00:00 n1 a: b' }],
  [
    'an address of version 6 for a host',
    '<13>Nov 20 12:00:00 fe80::1 a: b',
    { priority: 13, time: unix(noon), hostname: 'fe80::1', appname: 'a', text: 'b' },
  ],
];

test.each(examples)('reads %s', (_, line, expected) => {
  expect(readMessage(line, utc)).toEqual(expected);
});

const malformed: [line: string, why: string, alsoKnown?: object][] = [
  ['hello', 'no priority at its front'],
  ['<192>hello', 'no priority at its front'],
  ['<>hello', 'no priority at its front'],
  ['Nov 20 12:00:00 n1 a[1]: b', 'no priority at its front', { hostname: 'n1', appname: 'a' }],
  ['<13>1 2026-11-20T12:00:00Z n1', 'its RFC 5424 header is cut or too long'],
  ['<13>1 2026-11-20T25:00:00Z n1 a - - - x', 'its time is none', { hostname: 'n1' }],
  ['<13>1 9999-01-01T00:00:00Z n1 a - - - x', 'its time is none'],
  ['<13>1 2026-11-20T12:00:00Zulu n1 a - - - x', 'its time is none'],
  ['<13>1 - n1 a 7 m [x y="1" z', 'its structured data breaks off', { hostname: 'n1', procid: '7', msgid: 'm' }],
  ['<13>1 - n1 a 7 m [x y="1"]z', 'its structured data breaks off'],
  ['<13>1 - n1 a 7 m ', 'its structured data breaks off'],
  ['<13>1 - n1 a 7 m text', 'its structured data breaks off'],
];

test.each(malformed)('keeps %j whole, for %s', (line, why, alsoKnown = {}) => {
  expect(readMessage(line, utc)).toMatchObject({ text: line, malformed: why, ...alsoKnown });
});
