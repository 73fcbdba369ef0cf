import { expect, test } from 'vitest';
import { createKeyFollower } from '../../../../bundle/redaction/record-keys.ts';

const begin = '-----BEGIN RSA PRIVATE KEY-----';
const end = '-----END RSA PRIVATE KEY-----';
const line = (n: number): string => `Zebra${n}${'aB3+dE6/'.repeat(7)}`;
const mark = '[masked:private-key]';

type Row = { body: string; attributes: Record<string, string> };
const row = (body: string, identifier = 'app', more: Record<string, string> = {}): Row => ({
  body,
  attributes: { 'otel.scope.name': 'journald', 'syslog.identifier': identifier, ...more },
});
const followed = (rows: readonly Row[]): string[] => {
  const follow = createKeyFollower('standard', {});
  return rows.map((each) => follow(each).body);
};

test('a key that was logged line by line is masked, whatever the same program says in between', () => {
  const rows = [begin, line(1), 'Connection closed by peer [preauth]', line(2), 'ready', 'Zx9Q', end, line(3)].map(
    (body) => row(body),
  );
  expect(followed(rows)).toEqual([
    ...[mark, mark, 'Connection closed by peer [preauth]', mark, 'ready', mark, mark],
    line(3),
  ]);
});

test('the records of other programs stay, even where they look like a key', () => {
  const rows = [row(begin), row(line(1), 'other'), row('ok', 'other'), row(line(2)), row('ab'), row(end)];
  expect(followed(rows)).toEqual([mark, line(1), 'ok', mark, mark, mark]);
});

test('a program that is a process a line is one program', () => {
  const rows = [begin, line(1), line(2), end].map((body, at) =>
    row(body, 'logger', { 'process.pid': String(100 + at), ...(at === 1 && { 'systemd.unit': 'x.service' }) }),
  );
  expect(followed(rows)).toEqual([mark, mark, mark, mark]);
});

test('channels of the event log and senders of syslog are streams of their own', () => {
  const of = (name: string, value: string, body: string): Row => ({ body, attributes: { [name]: value } });
  for (const name of ['windows.eventlog.channel', 'syslog.appname', 'systemd.unit', 'log.file.path']) {
    const rows = [of(name, 'a', begin), of(name, 'b', 'word'), of(name, 'a', 'ab'), of(name, 'a', end)];
    expect(followed(rows)).toEqual([mark, 'word', mark, mark]);
  }
});

test('what a record of a key was before it was cut up is masked with it', () => {
  const follow = createKeyFollower('standard', {});
  follow(row(begin));
  expect(follow(row(line(1), 'app', { 'log.record.original': `<13>x app: ${line(1)}` })).attributes).toMatchObject({
    'log.record.original': mark,
  });
});

test('a key without an end takes nothing that does not look like one, and ends', () => {
  const ordinary = Array.from({ length: 500 }, (_, at) => `request ${at} took ${at * 3} ms`);
  const rows = [begin, line(1), ...ordinary, line(2)].map((body) => row(body));
  expect(followed(rows)).toEqual([mark, mark, ...ordinary, line(2)]);
});

test('a key that begins in a record of several lines goes on in the next', () => {
  expect(followed([row(`${begin}\n${line(1)}`), row(line(2)), row(end)]).slice(1)).toEqual([mark, mark]);
});

test('without redaction all stays', () => {
  const follow = createKeyFollower('none', {});
  expect([begin, line(1)].map((body) => follow(row(body)).body)).toEqual([begin, line(1)]);
});
