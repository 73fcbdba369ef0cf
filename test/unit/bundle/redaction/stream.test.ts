import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RedactionTally } from '../../../../bundle/redaction/profile.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';
import { redactionRules } from '../../../../bundle/redaction/rules.ts';
import { sniffEncoding } from '../../../../bundle/text-encoding.ts';

const redactor = createRedactor({ key: Buffer.alloc(32, 7), profile: 'standard' });

function inPieces(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

async function masked(text: string | Buffer, pieceBytes = 64 * 1024): Promise<{ text: string; tally: RedactionTally }> {
  const tally: RedactionTally = {};
  const bytes = Buffer.from(text as string);
  const encoding = sniffEncoding(bytes);
  if (encoding === 'binary') throw new Error('binary');
  const out: Buffer[] = [];
  for await (const chunk of redactor.stream(inPieces(bytes, pieceBytes), tally, encoding)) out.push(chunk);
  return { text: Buffer.concat(out).toString('utf8'), tally };
}

const key = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEowIBAAKCAQEAx1x2x3x4x5x6x7x8x9\n'.repeat(20)}AB==\n-----END RSA PRIVATE KEY-----\n`;

test('every example of every rule is masked on the stream, whatever the pieces', async () => {
  for (const { positive, nested, profile } of redactionRules) {
    if (nested || profile) continue;
    for (const [text, secret] of positive) {
      for (const size of [1, 7, 4096]) {
        const result = await masked(Buffer.from(`before\n${text}\nafter\n`, 'latin1'), size);
        expect(result.text, `${text} in pieces of ${size}`).not.toContain(
          secret.replace(/^\\*["']|\\*["']$|^\n|\n$/g, ''),
        );
        expect(result.text).toMatch(/^before\n/);
      }
    }
  }
});

test('the same secret has the same mark in a stream of bytes and in a string, whatever its characters', async () => {
  for (const secret of ['hunter2', 'Größe\u00a0€', 'пароль']) {
    const streamed = await masked(`password=${secret}\n`);
    expect(streamed.text).not.toContain(secret.slice(-3));
    expect(streamed.text).toBe(`${redactor.text(`password=${secret}`, {})}\n`);
  }
});

test('tells what only the second scan found: masking one line may make a value of the next', async () => {
  const list = `'/secret',\n'-token',\n'/token',\n'New-User -Password -Force',\n`;
  const { text, tally } = await masked(list);
  expect(tally['second-scan']).toBe(1);
  const again = await masked(text);
  expect(again).toEqual({ text, tally: {} });
});

test('a private key over many lines becomes one mark, and what follows stays', async () => {
  const result = await masked(`a\n${key}b\n`, 50);
  expect(result.text).toMatch(
    /^a\n-----BEGIN RSA PRIVATE KEY-----\n\[masked:private-key:[0-9a-f]{8}\]\n-----END RSA PRIVATE KEY-----\nb\n$/,
  );
  expect(result.tally).toEqual({ 'private-key': 1 });
});

test('a private key without an end does not take the rest of the file with it', async () => {
  const open = key.slice(0, key.indexOf('AB=='));
  const result = await masked(`${open}2026-11-20 the service is up again.\nmore\n`);
  expect(result.text).not.toContain('MIIE');
  expect(result.text).toContain('2026-11-20 the service is up again.\nmore\n');
  expect((await masked(open)).text).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n\[masked:private-key:[0-9a-f]{8}\]\n$/);
});

const keyLine = (n: number): string => `Q${n}uill7Zebra${String(n).padStart(4, '0')}${'aB3+dE6/'.repeat(6)}`;
const interleaved = [
  'Nov 28 10:00:01 edge1 app[12]: -----BEGIN RSA PRIVATE KEY-----',
  `Nov 28 10:00:01 edge1 app[12]: ${keyLine(1)}`,
  'Nov 28 10:00:01 edge1 sshd[7]: Connection closed by peer [preauth]',
  `Nov 28 10:00:01 edge1 app[12]: ${keyLine(2)}`,
  'Nov 28 10:00:02 edge1 sshd[7]: Failed password for invalid user jdoe from ::1 port 22',
  'Nov 28 10:00:02 edge1 cron[9]: opened /usr/share/zoneinfo/Europe/Berlin',
  `Nov 28 10:00:02 edge1 app[12]: ${keyLine(3)}`,
  'Nov 28 10:00:02 edge1 app[12]: Zx9Qab',
  'Nov 28 10:00:02 edge1 app[12]: -----END RSA PRIVATE KEY-----',
  'Nov 28 10:00:03 edge1 app[12]: 0123456789abcdefABCDEFghijklmnop',
];

test.each([1, 50, 64 * 1024])(
  'a private key with lines of other programs among its own is masked to its end (pieces of %i)',
  async (size) => {
    const { text } = await masked(`${interleaved.join('\n')}\n`, size);
    expect(text).not.toMatch(/Zebra|aB3\+|Zx9Qab|jdoe/);
    const lines = text.split('\n');
    for (const at of [2, 5, 8, 9]) expect(lines).toContain(interleaved[at]);
    expect(await masked(text)).toEqual({ text, tally: {} });
  },
);

test('the keys of two programs, one in the other, are both masked to their ends', async () => {
  const app = interleaved.filter((line) => line.includes('app[12]')).slice(0, -1);
  const web = app.map((line) => line.replace('app[12]', 'web[3]').replace('Zebra', 'Mouse'));
  // The one that ends first does not end the other.
  const { text } = await masked(`${[app[0], ...web.slice(0, 2), ...app.slice(1), ...web.slice(2)].join('\n')}\n`);
  expect(text).not.toMatch(/Zebra|Mouse|aB3\+|Zx9Qab/);
});

test('after the beginning of a key without an end only what looks like a key is masked, and not for ever', async () => {
  const ordinary = [
    'Nov 28 10:00:02 edge1 app[12]: Started',
    'Nov 28 10:00:02 edge1 app[12]: heartbeat 17',
    'Nov 28 10:00:02 edge1 kernel: opened /usr/lib/systemd/system',
    'Nov 28 10:00:02 edge1 kernel: Deactivated successfully',
    'Nov 28 10:00:02 edge1 git[3]: at 3f2504e04f8911d39a0c0305e82c33013f2504e0',
    'done',
  ];
  const many = Array.from({ length: 600 }, (_, at) => ordinary[at % ordinary.length] as string);
  const { text } = await masked(`${[interleaved[0], ...many, keyLine(1)].join('\n')}\n`);
  expect(text).toBe(`${[interleaved[0], ...many, keyLine(1)].join('\n')}\n`);
});

test('another line between those of a key that has its value on the next is redacted with it', async () => {
  const lines = [...interleaved.slice(0, 3), '<AdminPassword>', 'hunter2</AdminPassword>', ...interleaved.slice(3)];
  for (const size of [1, 4096]) {
    const { text } = await masked(`${lines.join('\n')}\n`, size);
    expect(text).not.toMatch(/hunter2|Zebra/);
  }
});

test('a key on the lines after its element is masked', async () => {
  const { text } = await masked(`<keyMaterial>\n${key}</keyMaterial>\n`);
  expect(text).toMatch(/^<keyMaterial>\n-----BEGIN RSA PRIVATE KEY-----\n\[masked:private-key:[0-9a-f]{8}\]\n-----END/);
});

test('no line of a key comes through, whatever stands between and wherever the pieces end', async () => {
  const programs = [
    (text: string) => text,
    (text: string) => `Nov 28 10:00:01 edge1 app[12]: ${text}`,
    (text: string) => `2026-11-28T10:00:02Z web ${text}`,
    (text: string) => `{"MESSAGE":"${text}","n":1}`,
  ];
  const others = ['', 'done', '"password":', '<AdminPassword>', '{"MESSAGE":"x y"}', 'Nov 28 edge1 sshd[7]: closed'];
  const step = fc.record({ what: fc.nat(9), program: fc.nat(3), other: fc.nat(others.length - 1) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer({ min: 5, max: 90 }), async (steps, size) => {
      const open: number[] = [];
      const lines = steps.map(({ what, program, other }, at) => {
        const first = open[0];
        if (what < 2 || first === undefined) {
          open.push(program);
          return programs[program]?.('-----BEGIN RSA PRIVATE KEY-----');
        }
        if (what === 2) return programs[open.shift() ?? 0]?.('-----END RSA PRIVATE KEY-----');
        return what < 7 ? programs[open[other % open.length] ?? 0]?.(keyLine(at)) : others[other];
      });
      const text = `${lines.join('\n')}\n`;
      const whole = await masked(text);
      expect(whole.text).not.toMatch(/Zebra|aB3\+/);
      expect((await masked(text, size)).text).toBe(whole.text);
      expect(await masked(whole.text)).toEqual({ text: whole.text, tally: {} });
    }),
  );
});

test('the records of two keys, one in the other, are masked to the end of both', async () => {
  const records = ['-----BEGIN EC PRIVATE KEY-----', keyLine(1), '-----END EC PRIVATE KEY-----'].map((text) =>
    JSON.stringify({ MESSAGE: text }),
  );
  const [begin, line, end] = records as [string, string, string];
  const { text } = await masked(`${[begin, begin, line, '{"x":1}', end, line, end].join('\n')}\n`);
  expect(text).not.toMatch(/Zebra|aB3/);
});

test('a value on the line after its element is masked', async () => {
  const result = await masked('<AdministratorPassword>\n  <Value>aHVudGVy</Value>\n</AdministratorPassword>\n');
  expect(result.text).not.toContain('aHVudGVy');
});

test('UTF-16 is read, masked and written as UTF-8', async () => {
  for (const bom of ['\ufeff', '']) {
    const result = await masked(Buffer.from(`${bom}Größe 1\r\npassword=hunter2\r\n`, 'utf16le'), 5);
    expect(result.text.replace('\ufeff', '')).toMatch(/^Größe 1\r\npassword=\[masked:password:[0-9a-f]{8}\]\r\n$/);
  }
});

test('a line without an end is masked in pieces and memory stays bounded', async () => {
  const long = `${'x '.repeat(600_000)}password=hunter2 ${'y '.repeat(600_000)}token=abcdefg1 `.repeat(2);
  const result = await masked(long);
  expect(result.text).not.toMatch(/hunter2|abcdefg1/);
  expect(result.tally).toEqual({ password: 4 });
  expect(result.text.replace(/\[masked:[^\]]*\]/g, '').length).toBe(long.replace(/hunter2|abcdefg1/g, '').length);
});

test('text without secrets comes out byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), async (bytes, size) => {
      const tally: RedactionTally = {};
      const out: Buffer[] = [];
      for await (const chunk of redactor.stream(inPieces(Buffer.from(bytes), size), tally)) out.push(chunk);
      if (Object.keys(tally).length === 0) expect(Buffer.concat(out).equals(Buffer.from(bytes))).toBe(true);
    }),
  );
});

test('what is found only in what came out is replaced as well, and does not fail the bundle', async () => {
  // Options and their values on lines of their own: what is masked in one pass makes other pairs in the next.
  const { text, tally } = await masked("  '-secret',\n  '/secret',\n  '-token',\n  '-admin',\n");
  expect(text).not.toContain('-admin');
  expect(tally['command-line-password']).toBeGreaterThan(1);
  expect((await masked(text)).text).toBe(text);
});

test.each([
  ['zeros in the middle', Buffer.from('abc\0def\0\0\0xyz'), 'binary'],
  ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 1, 2, 3]), 'binary'],
  ['UTF-8', Buffer.from('Größe\ttab\r\n\u001b[1mansi'), 'bytes'],
  ['an empty file', Buffer.alloc(0), 'bytes'],
  ['UTF-16 without a mark', Buffer.from('plain words', 'utf16le'), 'utf-16le'],
  ['UTF-16 the other way', Buffer.from('plain words', 'utf16le').swap16(), 'utf-16be'],
])('tells what %s is', (_, bytes, expected) => {
  expect(sniffEncoding(bytes)).toBe(expected);
});

test('a command in base64 within another one does not hide the one behind it, nor what follows', async () => {
  const encoded = (command: string): string => `powershell -enc ${Buffer.from(command, 'utf16le').toString('base64')}`;
  const secrets = ['hunter2one', 'hunter2two', 'hunter2three'];
  const commands = secrets.map((secret) => encoded(`net use x: /user:jd "password=${secret}"`));
  const line = `${encoded(`${commands[0]} ; ${commands[1]}`)} ; ${commands[2]} ; password=hunter2four\n`;
  const { text } = await masked(line);
  const inner = (from: string): string =>
    from.replace(/-enc ([A-Za-z0-9+/=]+)/g, (_, code: string) =>
      inner(Buffer.from(code, 'base64').toString('utf16le')),
    );
  expect(inner(line)).toContain('hunter2one');
  expect(inner(text)).not.toContain('hunter2');
  expect(inner(text).match(/\[masked:/g)).toHaveLength(4);
  expect((await masked(text)).tally).toEqual({});
});

test('in a line with the word for a secret but none of it, names and addresses are replaced as in any other', async () => {
  const { text, tally } = await masked('the password of the host is not for user: abe at 10.20.30.40\n'.repeat(3));
  expect(text).not.toMatch(/10\.20\.30\.40|abe/);
  expect(tally).toEqual({ user: 3, ipv4: 3 });
});
