import { describe, expect, test } from 'vitest';
import type { RedactionTally } from '../../../../bundle/redaction/profile.ts';
import { createRedactor } from '../../../../bundle/redaction/redactor.ts';

const redactor = createRedactor({ key: Buffer.alloc(32, 7), profile: 'standard' });

async function redacted(text: string, pieceBytes: number): Promise<{ text: string; tally: RedactionTally }> {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const tally: RedactionTally = {};
  const out: Buffer[] = [];
  for await (const chunk of redactor.stream(pieces, tally)) out.push(chunk);
  return { text: Buffer.concat(out).toString('utf8'), tally };
}

const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIHGq1x9Z';
const hidden: [what: string, text: string, secrets: string[]][] = [
  ['a block of YAML', 'db:\n  password: |\n    Zebra77 one\n    Zebra78 two\n  port: 1\n', ['Zebra77', 'Zebra78']],
  [
    'a folded block with a comment',
    'password: >- # not here\n  Zebra77\n\n  Zebra78\nport: 1\n',
    ['Zebra77', 'Zebra78'],
  ],
  ['a block with an indicator', 'password: |2\n    Zebra77\nport: 1\n', ['Zebra77']],
  ['a tagged block', 'password: !vault |\n  $ANSIBLE_VAULT;1.1\n  616263\nport: 1\n', ['616263']],
  ['a block of another language', 'kennwort: |\n  Zebra77\nport: 1\n', ['Zebra77']],
  ['a block of an item', '- password: |\n    Zebra77\n- port: 1\n', ['Zebra77']],
  ['a plain value on the next line', 'password:\n  Zebra77\nport: 1\n', ['Zebra77']],
  ['the same with CRLF', 'client_secret:\r\n  Zebra77\r\nport: 1\r\n', ['Zebra77']],
  ['a value of JSON on the next line', '{\n "password":\n  "Zebra77 x",\n "port": 1\n}\n', ['Zebra77']],
  ['a value behind a backslash', 'password = \\\n  Zebra77\nport: 1\n', ['Zebra77']],
  ['a list of YAML', 'passwords:\n  - Zebra77\n  - Zebra78\nport: 1\n', ['Zebra77', 'Zebra78']],
  [
    'a list of JSON',
    '"password": [\n  "Zebra77",\n  "Zebra78",\n  "Zebra79"\n],\n"port": 1\n',
    ['Zebra77', 'Zebra78', 'Zebra79'],
  ],
  [
    'what Format-List broke at the width of the console',
    `Name  : x\nToken : ${'Ab3dEf'.repeat(12)}\n        ${'Zebra7'.repeat(12)}\n        Quill77;Kind=x\nport: 1\n`,
    ['Ab3dEf', 'Zebra7', 'Quill77'],
  ],
  [
    'a column of Format-Table',
    'UserName Password   Enabled\n-------- --------   -------\nroot     Zebra77    True\nroot     Zebra78    False\n\nport: 1\n',
    ['Zebra77', 'Zebra78'],
  ],
  [
    'a column below a name of two words, with an empty cell before it',
    'Name   Last Logon Secret\n------ ---------- ------\nroot              Zebra77\n\nport: 1\n',
    ['Zebra77'],
  ],
  [
    'a column of psql',
    ' id | password\n----+----------\n  1 | Zebra77 \n  2 | Zebra78 \nport: 1\n',
    ['Zebra77', 'Zebra78'],
  ],
  [
    'a column of MySQL',
    '+----+----------+\n| id | password |\n+----+----------+\n|  1 | Zebra77  |\n+----+----------+\nport: 1\n',
    ['Zebra77'],
  ],
  [
    'a column of CSV',
    '"Url","Username","Password"\n"x,y","root","Zebra77"\n"z","root","Zebra78 x"\nport: 1\n',
    ['Zebra77', 'Zebra78'],
  ],
  ['a column behind semicolons', 'id;api_key\n1;Zebra77\nport: 1\n', ['Zebra77']],
  ['a text of PowerShell over several lines', "$pw = @'\nZebra77 x\nZebra78\n'@\nport: 1\n", ['Zebra77', 'Zebra78']],
  ['the same in a transcript', 'PS C:\\> $secret = @"\n>> Zebra77\n>> "@\nport: 1\n', ['Zebra77']],
  [
    'bytes of the registry',
    '"DefaultPassword"=hex(1):5a,00,65,00,\\\n  62,00,72,00,\\\n  61,00\nport: 1\n',
    ['5a,00', '62,00', '61,00'],
  ],
  [
    'a member of JSON with others before it',
    '"adminPassword": {\n  "type": "SecureString",\n  "value": "Zebra77"\n},\n"port": 1\n',
    ['Zebra77'],
  ],
  [
    'a variable of Terraform',
    'variable "db_password" {\n  type = string\n  default = "Zebra77"\n}\nport: 1\n',
    ['Zebra77'],
  ],
  ['a value behind a backslash that is not indented', 'password=\\\nZebra77\nport: 1\n', ['Zebra77']],
  ['private numbers of OpenSSL', 'privateExponent:\n    5a:65:62\n    72:61:77\nport: 1\n', ['5a:65:62', '72:61:77']],
  [
    'the private lines of PuTTY',
    `PuTTY-User-Key-File-3: ssh-ed25519\nPublic-Lines: 1\nport: 1\nPrivate-Lines: 2\n${key}\nab\nPrivate-MAC: 0123456789abcdef\n`,
    [key, 'ab\n', '0123456789abcdef'],
  ],
  [
    'data of a Kubernetes secret',
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  odd: WmVicmE3Nw==\n  user: |\n    WmVicmE3OA==\nport: 1\n',
    ['WmVicmE3Nw', 'WmVicmE3OA'],
  ],
  [
    'data of a Kubernetes secret before its kind',
    'apiVersion: v1\ndata:\n  odd: WmVicmE3Nw==\nkind: Secret\nport: 1\n',
    ['WmVicmE3Nw'],
  ],
  [
    "a value of Ansible's vault",
    'db_password: !vault |\n  $ANSIBLE_VAULT;1.2;AES256;dev\n  30613233633461\n  34383765383366\nport: 1\n',
    ['30613233633461', '34383765383366'],
  ],
  [
    "a file of Ansible's vault",
    '$ANSIBLE_VAULT;1.1;AES256\n30613233633461\n34383765\nport: 1\n',
    ['30613233633461', '34383765'],
  ],
  [
    "communities in an export of Windows' registry",
    '[HKEY_LOCAL_MACHINE\\SYSTEM\\x\\SNMP\\Parameters\\ValidCommunities]\n"Zebra77"=dword:00000004\n"zebra"=dword:00000008\nport: 1\n',
    ['Zebra77', 'zebra'],
  ],
  [
    'communities that `reg query` prints',
    'HKEY_LOCAL_MACHINE\\SYSTEM\\x\\SNMP\\Parameters\\ValidCommunities\n    zebra    REG_DWORD    0x4\nport: 1\n',
    ['zebra'],
  ],
  [
    "accounts of cloud-init's chpasswd",
    'chpasswd:\n  expire: false\n  list: |\n    root:Zebra77\n    bob:zebra\nport: 1\n',
    ['Zebra77', 'zebra'],
  ],
  ['what a script feeds to chpasswd', 'chpasswd <<END\nroot:zebra\nEND\nport: 1\n', ['zebra']],
  [
    "pppd's secrets",
    '# client\tserver\tsecret\tIP addresses\nbob\tpptpd\tzebra\t*\n"al" * "zebra quill" 127.0.0.1\nport: 1\n',
    ['zebra', 'quill'],
  ],
  ['a list of YAML at the beginning of its lines', 'args:\n- --password\n- zebra\nport: 1\n', ['zebra']],
];

describe.each([1, 7, 64 * 1024])('in pieces of %i', (size) => {
  test.each(hidden)('masks %s', async (_, text, secrets) => {
    const once = await redacted(`before: 1\n${text}after: 1\n`, size);
    for (const secret of secrets) expect(once.text).not.toContain(secret);
    expect(once.text).toContain('port: 1'.replace('port', text.includes('"port"') ? '"port"' : 'port'));
    expect(once.text).toMatch(/^before: 1\n[\s\S]*\nafter: 1\n$/);
    expect(once.text.split('\n')).toHaveLength(`before: 1\n${text}after: 1\n`.split('\n').length);
    expect(await redacted(once.text, size)).toEqual({ text: once.text, tally: {} });
  });
});

test.each([
  'password: |\nport: 1\n',
  '| name | password: |\n|------|------------|\n',
  'password:\n  min_length: 8\n  history: 4\n',
  'password:\n  Enter your password to go on.\n',
  'secrets:\n  - db_password\n  - app_token\n',
  'Token:\n    Elevation type: %%1936\n',
  'kind: ConfigMap\ndata:\n  level: Information\n',
  'apiVersion: v1\ndata:\n  level: debug\n  size: "8080"\nkind: ConfigMap\n',
  'Private-Lines: none\nabc\n',
  'Changing the password\n=====================\nIt is long.\n',
  '| Name | Token |\n|------|-------|\n| a    | where the token comes from |\n',
  'time,tokens,token\n1,512,17\n2,600,18.5\n',
  'user,password\nport: 1\n',
  'UserName Password\nport: 1\n',
  'UserName Password\n-------- --------\nroot     System.Security.SecureString\n',
  '"password": {\n  "minLength": 14,\n  "history": 4\n}\n',
  'chpasswd:\n  expire: false\nport: 1\n',
  'HKLM\\x\\ValidCommunities\n\nport: 1\n',
  '# client server secret\n# none\nport: 1\n',
  'looks for $ANSIBLE_VAULT;1.1;AES256\nport: 1\n',
  `Token : ${'x'.repeat(60)} is no secret\n        more of it\n`,
])('leaves alone: %j', async (text) => {
  expect(await redacted(text, 64)).toEqual({ text, tally: {} });
});

test('a key among the lines of a value is masked as a key', async () => {
  const { text } = await redacted(
    `private_key: |\n  -----BEGIN PRIVATE KEY-----\n  ${key}\n  -----END PRIVATE KEY-----\nport: 1\n`,
    9,
  );
  expect(text).not.toContain(key);
  expect(text).toContain('\nport: 1\n');
});

test.each([
  'Contraseña',
  'LÖSENORD',
  'jelszó',
  'hasło',
  'Пароль',
  'パスワード',
  '密码',
  '비밀번호',
  'Şifre',
  'HASŁO',
  'Κωδικός πρόσβασης',
  'סיסמה',
  'كلمة المرور',
  'Mật khẩu',
  'Zugriffsschlüssel',
])('the value of %s is a secret', (name) => {
  for (const text of [`${name}: Zebra77`, `${name}：Zebra77`, `{"${name}":"Zebra77"}`, `${name}=Zebra77`])
    expect(redactor.text(text, {})).not.toContain('Zebra77');
  expect(redactor.document({ [name]: 'Zebra77' }, {})[name]).toMatch(/^\[masked:/);
});
