import { expect, test } from 'vitest';
import { filesByChannel } from '../../../bundle/channel-files.ts';

interface Row {
  channel: string;
  text: string;
}
const row = (channel: string, text: string): Row => ({ channel, text });

async function split(rows: readonly Row[], bounds?: { waitingChars: number; leastChars: number }) {
  const files: { channel: string; lines: string[] }[] = [];
  async function* told() {
    yield* rows;
  }
  const how = { channelOf: ({ channel }: Row) => channel, change: ({ text }: Row) => text };
  for await (const { channel, content } of filesByChannel(told(), how, bounds)) {
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
    files.push({ channel, lines: lines.map((line) => JSON.parse(line)) });
  }
  return files;
}

test('each channel is one file, its lines in the order in which they came', async () => {
  const rows = [row('System', '1'), row('App', '2'), row('System', '3'), row('', '4')];
  expect(await split(rows)).toEqual([
    { channel: '', lines: ['4'] },
    { channel: 'App', lines: ['2'] },
    { channel: 'System', lines: ['1', '3'] },
  ]);
  expect(await split([])).toEqual([]);
});

test('a channel that writes much is one file however long it is, and the others wait for it', async () => {
  const rows = Array.from({ length: 500 }, (_, at) => row(at % 100 === 7 ? `rare ${at}` : 'busy', `line ${at}`));
  const files = await split(rows, { waitingChars: 100, leastChars: 10 });
  expect(files.map(({ channel }) => channel)).toEqual([
    'busy',
    'rare 107',
    'rare 207',
    'rare 307',
    'rare 407',
    'rare 7',
  ]);
  expect(files[0]?.lines).toEqual(rows.filter(({ channel }) => channel === 'busy').map(({ text }) => text));
});

test('what waits is bounded: of several busy channels each has more than one file, with nothing lost and in order', async () => {
  const rows = Array.from({ length: 3000 }, (_, at) => row(`c${at % 3}`, `line ${at}`));
  const files = await split(rows, { waitingChars: 3000, leastChars: 100 });
  expect(files.length).toBeGreaterThan(3);
  for (const channel of ['c0', 'c1', 'c2']) {
    const own = files.filter((file) => file.channel === channel).flatMap(({ lines }) => lines);
    expect(own).toEqual(rows.filter((one) => one.channel === channel).map(({ text }) => text));
  }
});

test('so many busy channels that their files would be crumbs stay together', async () => {
  const rows = Array.from({ length: 3000 }, (_, at) => row(`c${at % 300}`, `line ${at}`));
  const files = await split(rows, { waitingChars: 3000, leastChars: 100 });
  expect(files.map(({ channel }) => channel)).toEqual(['']);
  expect(files[0]?.lines.toSorted()).toEqual(rows.map(({ text }) => text).toSorted());
});
