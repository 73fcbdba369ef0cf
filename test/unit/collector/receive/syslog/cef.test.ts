import { expect, test } from 'vitest';
import { readCef } from '../../../../../collector/receive/syslog/cef.ts';

const extensionsOf = (text: string) =>
  Object.fromEntries(
    (readCef(`CEF:0|v|p|1|id|name|5|${text}`)?.extensions ?? []).map(({ key, value }) => [key, value]),
  );

test('reads a Windows event as the control plane forwards it', () => {
  expect(
    readCef(
      'CEF:0|Microsoft|Microsoft Azure Local|1.0|Microsoft-Windows-GroupPolicy:1501|Processing|2|' +
        'MasChannel=System MasComputer=test.azurestack.contoso.com MasEventData=svchost!!4132,G,0!!!!EseDiskFlushConsistency!!ESENT!!0x800000 ' +
        'MasEventDescription=The Group Policy settings for the user were processed successfully. There were no changes. ' +
        'MasEventID=1501 MasLevel=4 MasKeywordName=Audit Success MasProviderEventSourceName= MasProviderName=Microsoft-Windows-GroupPolicy',
    ),
  ).toEqual({
    version: '0',
    deviceVendor: 'Microsoft',
    deviceProduct: 'Microsoft Azure Local',
    deviceVersion: '1.0',
    signatureId: 'Microsoft-Windows-GroupPolicy:1501',
    name: 'Processing',
    severity: '2',
    extensions: [
      { key: 'MasChannel', value: 'System' },
      { key: 'MasComputer', value: 'test.azurestack.contoso.com' },
      { key: 'MasEventData', value: 'svchost!!4132,G,0!!!!EseDiskFlushConsistency!!ESENT!!0x800000' },
      {
        key: 'MasEventDescription',
        value: 'The Group Policy settings for the user were processed successfully. There were no changes.',
      },
      { key: 'MasEventID', value: '1501' },
      { key: 'MasLevel', value: '4' },
      { key: 'MasKeywordName', value: 'Audit Success' },
      { key: 'MasProviderEventSourceName', value: '' },
      { key: 'MasProviderName', value: 'Microsoft-Windows-GroupPolicy' },
    ],
  });
});

test('takes the version as the control plane’s documentation writes it', () => {
  expect(readCef('CEF: 0.0|Microsoft|Microsoft Azure Local|1.0|a:1|n|8|')).toMatchObject({
    version: '0.0',
    severity: '8',
  });
});

test('undoes the header’s escapes', () => {
  expect(readCef('CEF:0|secu\\|rity|threat\\\\manager|1.0|100|a \\= b|10|')).toMatchObject({
    deviceVendor: 'secu|rity',
    deviceProduct: 'threat\\manager',
    // Only bars and backslashes are escaped in the header.
    name: 'a \\= b',
  });
});

test('undoes the extensions’ escapes, and leaves a backslash before anything else alone', () => {
  expect(extensionsOf('act=blocked a \\= msg=one\\ntwo\\r\\nthree path=C:\\\\new\\\\dir user=DOM\\user')).toEqual({
    act: 'blocked a =',
    msg: 'one\ntwo\r\nthree',
    path: 'C:\\new\\dir',
    user: 'DOM\\user',
  });
});

test('takes spaces, bars and equals signs that nobody escaped as part of a value', () => {
  expect(extensionsOf('request=https://h/?a=b&c=d msg=a | b  c  ext.key-1[0]=x')).toEqual({
    request: 'https://h/?a=b&c=d',
    msg: 'a | b  c',
    'ext.key-1[0]': 'x',
  });
});

test('does without extensions and without the last bar', () => {
  expect(readCef('CEF:0|v|p|1|id|name|Very-High|')?.extensions).toEqual([]);
  expect(readCef('CEF:0|v|p|1|id|name|3')).toMatchObject({ severity: '3', extensions: [] });
});

test('finds a payload behind a header that it does not know, but not in the middle of a word', () => {
  expect(readCef('2026 relay said CEF:1|v|p|1|id|name|3|a=b')).toMatchObject({ version: '1', deviceVendor: 'v' });
  expect(readCef('xCEF:1|v|p|1|id|name|3|a=b')).toBeUndefined();
});

test('half a header is none', () => {
  for (const text of ['CEF:0|', 'CEF:0|v|p|1|id|name', 'CEF:x|v|p|1|id|name|1|', 'CEF', '', 'CEF:0|v\\|p|1|id|name|']) {
    expect(readCef(text)).toBeUndefined();
  }
});

// In time that grows with their square it would be minutes, which the runner's limit ends.
test('takes long runs of anything in time that grows with their length', () => {
  for (const run of [' ', 'a', '=', '|', '\\', ' a', 'a=', ' a=', '\\=', 'CEF:0|']) {
    readCef(`CEF:0|v|p|1|id|name|3|${run.repeat(200_000 / run.length)}`);
    readCef(`${run.repeat(200_000 / run.length)}`);
  }
});
