import { expect, test } from 'vitest';
import { createChannelNames } from '../../../../../agent/sources/event-log/channel-names.ts';
import { dataNames } from '../../../../../agent/sources/event-log/data-names.ts';

const event = (rest: string) => `<Event xmlns='x'><System><Provider Name='P'/></System>${rest}</Event>`;

test.each([
  ['named data', '<EventData><Data Name=\'A\'>1</Data><Data Name="B"/></EventData>', ['A', 'B']],
  ['data without names', '<EventData><Data>1</Data><Data>2</Data></EventData>', ['param1', 'param2']],
  ['data and binary', "<EventData><Data Name='A'>1</Data><Binary>00</Binary></EventData>", ['A', 'param2']],
  ['a named template', "<EventData Name='T'><Data Name='A'>&lt;Data&gt;</Data></EventData>", ['A']],
  ['user data', "<UserData><X xmlns='y'><Subject>a</Subject><Count>2</Count></X></UserData>", ['Subject', 'Count']],
])('finds names in %s', (_, xml, names) => {
  expect(dataNames(event(xml), names.length)).toEqual(names);
});

test('gives no names when there is another number of values', () => {
  expect(dataNames(event("<EventData><Data Name='A'>1</Data></EventData>"), 2)).toBeUndefined();
  expect(dataNames(event(''), 1)).toBeUndefined();
});

test('finds channels as they are written and with dashes for slashes', () => {
  const find = createChannelNames(['System', 'Microsoft-Windows-Health/Operational', 'A-B/C', 'A/B-C']);
  expect(find('system')).toBe('System');
  expect(find('Microsoft-Windows-Health-Operational')).toBe('Microsoft-Windows-Health/Operational');
  expect(find('a-b/c')).toBe('A-B/C');
  expect(find('A/B-C')).toBe('A/B-C');
  expect(find('Microsoft-Windows-Health/Admin')).toBeUndefined();
});
