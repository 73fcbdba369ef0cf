import type { MaskRule } from './mask-rule.ts';

/** Names of fields whose value is a secret, whatever it looks like. */
const secretName =
  '(?:passwords?|passwd|passphrase|pwd|secrets?|secret[_-]?key|api[_-]?keys?|apikey|access[_-]?key|accountkey|sharedaccesskey|private[_-]?key|client[_-]?secret|auth[_-]?token|access[_-]?token|refresh[_-]?token|session[_-]?token|id[_-]?token|bearer[_-]?token|sas[_-]?token|cpassword|autoadminlogon[_-]?password|defaultpassword|keymaterial|ms-mcs-admpwd|mslaps-(?:encrypted)?password|token|credentials?)';

/** A mark that an earlier rule left is no secret. */
const unmarked = '(?!\\[masked:[a-z-]+:[0-9a-f]{8}\\])';

/** Names that stand between `Authorization:` and its secret. */
const scheme = '(?:bearer|basic|negotiate|ntlm|digest|apikey|token|sharedaccesssignature|aws4-hmac-sha256)';

/** The same names, for fields of structured records. */
export const secretFieldName = new RegExp(`^[A-Za-z0-9_.-]{0,40}${secretName}$`, 'i');

/** Words that follow `password=` in help texts and settings and are no secret. */
const harmless =
  /^(?:true|false|yes|no|null|none|undefined|\*+|x+|<[^>]*>|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|%[A-Za-z_]+%|0|1|\(null\)|prompt|required|optional|expired|changed|incorrect|invalid|wrong)$/i;
const isSecretValue = (secret: string): boolean => !harmless.test(secret);

/**
 * The eight groups of a BitLocker recovery key are multiples of 11 below 720,896 (2^16 × 11); other numbers of this
 * form are not keys.
 */
const isRecoveryKey = (text: string): boolean =>
  text.split('-').every((group) => Number(group) % 11 === 0 && Number(group) < 720_896);

/**
 * In order: the precise ones first, so that a mark names what it was. Sources of the forms: Microsoft's and GitHub's
 * documentation of their token formats, RFC 6750 (Bearer), RFC 7519 (JWT), RFC 7468 (PEM).
 */
export const maskRules: readonly MaskRule[] = [
  {
    name: 'private-key',
    // The end may be far away or missing: text that was cut must not show the half of a key.
    pattern:
      /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?<secret>[\s\S]*?)(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    hints: ['private key'],
    positive: [
      ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----\n', '\nMIIEvQIBADAN\n'],
      ['key: "-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----"', '\\nMIIE\\n'],
      ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r', '\nb3BlbnNzaC1r'],
    ],
    negative: ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', 'the private key was renewed'],
  },
  {
    name: 'jwt',
    pattern: /(?<secret>\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{0,})/g,
    hints: ['eyj'],
    positive: [
      [
        'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N back',
        'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N',
      ],
    ],
    negative: ['the key eyJ is not a token', 'eyJhbGciOiJIUzI1NiJ9 alone'],
  },
  {
    name: 'authorization',
    pattern: new RegExp(
      `\\b(?:proxy-)?authorization["']?[ \\t]{0,4}[:=][ \\t]{0,4}["']?(?:${scheme}[ \\t]+)?(?!${scheme}[ \\t])${unmarked}(?<secret>[^ \\t\\r\\n"',;]{4,}(?:,[ \\t]*[A-Za-z]+=[^ \\t\\r\\n"';]+)*)`,
      'gi',
    ),
    hints: ['authorization'],
    positive: [
      ['Authorization: Bearer mF_9.B5f-4.1JqM', 'mF_9.B5f-4.1JqM'],
      ['authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
      ['{"Authorization":"Bearer abcdef123456"}', 'abcdef123456'],
      ['proxy-authorization: NTLM TlRMTVNTUAABAAAA', 'TlRMTVNTUAABAAAA'],
    ],
    negative: ['authorization failed for user x', 'Authorization: '],
  },
  {
    name: 'cookie',
    // A header's whole value: which of its cookies holds the session is not to be seen (RFC 6265).
    pattern: new RegExp(
      `\\b(?:set-)?cookie["']?[ \\t]{0,4}[:=][ \\t]{0,4}["']?${unmarked}(?<secret>[A-Za-z0-9!#$%&*+.^_|~-]{1,100}=[^\\r\\n"']+)`,
      'gi',
    ),
    hints: ['cookie'],
    positive: [
      ['Cookie: session=abcdef', 'session=abcdef'],
      ['Set-Cookie: id=a3fWa; Path=/; HttpOnly', 'id=a3fWa; Path=/; HttpOnly'],
      ['{"cookie":"a=1; b=2","x":1}', 'a=1; b=2'],
    ],
    negative: ['cookie: none', 'the cookie is set: yes', 'Cookie: '],
  },
  {
    name: 'bearer',
    pattern: new RegExp(`\\bbearer[ \\t]+${unmarked}(?<secret>[A-Za-z0-9_~+/.-]{16,}=*)`, 'gi'),
    hints: ['bearer'],
    positive: [['curl -H bearer 0123456789abcdefABCDEF', '0123456789abcdefABCDEF']],
    negative: ['the bearer of this letter', 'bearer authentication is on'],
  },
  {
    name: 'url-credentials',
    pattern: new RegExp(
      `\\b[a-z][a-z0-9+.-]{1,20}://[^ \\t\\r\\n/:@"'<>]{0,100}:${unmarked}(?<secret>[^ \\t\\r\\n/@"'<>]{1,200})@`,
      'gi',
    ),
    hints: ['://'],
    positive: [
      ['fetch https://bob:s3cr3t@host/x', 's3cr3t'],
      ['redis://:hunter2@10.0.0.1:6379/0', 'hunter2'],
    ],
    negative: ['https://host:8443/path', 'see http://host/a@b', 'ssh://git@host/x'],
  },
  {
    name: 'shared-access-signature',
    pattern: new RegExp(
      `[?&;]?\\b(?:sig|signature|x-amz-signature|x-amz-security-token)=${unmarked}(?<secret>[A-Za-z0-9%+/_-]{20,}(?:=|%3d){0,2})`,
      'gi',
    ),
    hints: ['sig=', 'signature=', 'security-token='],
    positive: [
      [
        'https://x.blob.core.windows.net/c?sv=2022&sig=Abc%2BdefGHIjkl0123456789%3D&se=1',
        'Abc%2BdefGHIjkl0123456789%3D',
      ],
      ['SharedAccessSignature sr=h&sig=abcdefghijklmnopqrstuvwxyz012345', 'abcdefghijklmnopqrstuvwxyz012345'],
    ],
    negative: ['sig=TERM', 'signal sig=11 received'],
  },
  {
    name: 'connection-string',
    // Up to the next `;`, quote or the end of the line; the final `;` may be missing. Bounded: a line of nothing but
    // `password=` would be walked to its end from each of them.
    pattern: new RegExp(
      `(?<=[;"'= \\t\\n>]|^)(?:password|pwd|accountkey|sharedaccesskey|access[ ]?key|user[ ]?password)[ ]?=[ ]?${unmarked}(?<secret>"[^"\\r\\n]+"|'[^'\\r\\n]+'|[^ \\t;"'\\r\\n<>&][^;"'\\r\\n<>]{0,511}?)(?=;|["'<>\\r\\n]|$)(?<=(?:;|server=|source=|endpoint=|accountname=|database=|catalog=|user id=|uid=|host=)[^\\r\\n]{0,400})`,
      'gim',
    ),
    accept: isSecretValue,
    hints: ['password', 'pwd', 'accountkey', 'sharedaccesskey', 'access key', 'accesskey'],
    positive: [
      ['Server=db;User Id=sa;Password=p@ss w0rd;Encrypt=true', 'p@ss w0rd'],
      ['Server=db;Database=x;Pwd=hunter2', 'hunter2'],
      [
        'AccountName=a;AccountKey=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4==;EndpointSuffix=x',
        'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4==',
      ],
      ['Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=abc123def456=', 'abc123def456='],
    ],
    negative: ['Server=db;Integrated Security=true'],
  },
  {
    name: 'aws-key',
    pattern: /\b(?<secret>(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b/g,
    hints: ['akia', 'asia', 'abia', 'acca'],
    positive: [['key AKIAIOSFODNN7EXAMPLE used', 'AKIAIOSFODNN7EXAMPLE']],
    negative: ['AKIA', 'ASIAN MARKETS ARE OPEN'],
  },
  {
    name: 'service-token',
    pattern:
      /(?<secret>\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{18,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|npm_[A-Za-z0-9]{30,}|sk_live_[A-Za-z0-9]{16,}|hvs\.[A-Za-z0-9_-]{20,}|sxe1\.[0-9a-f]{64}\.[A-Za-z0-9_-]{43}|AIza[A-Za-z0-9_-]{35}))/g,
    hints: [
      'ghp_',
      'gho_',
      'ghu_',
      'ghs_',
      'ghr_',
      'github_pat_',
      'glpat-',
      'xox',
      'npm_',
      'sk_live_',
      'hvs.',
      'sxe1.',
      'aiza',
    ],
    positive: [
      ['push with ghp_0123456789abcdefghijABCDEFGHIJ0123', 'ghp_0123456789abcdefghijABCDEFGHIJ0123'],
      ['slack xoxb-123456789012-abcdefghij', 'xoxb-123456789012-abcdefghij'],
      ['glpat-abcdefghijklmnopqrst', 'glpat-abcdefghijklmnopqrst'],
    ],
    negative: ['ghp_short', 'the xox game'],
  },
  {
    // Our own link: once it has been used it is worth nothing, but nobody knows whether it has.
    name: 'sign-in-link',
    pattern: /#signin=(?<secret>[A-Za-z0-9_-]{43})/g,
    hints: ['#signin='],
    positive: [
      [
        'open https://127.0.0.1:8443/#signin=tZGQIrY2fabSoU-Iqe6I0_27GdMu_2WQw0bGFr1Yy10 now',
        'tZGQIrY2fabSoU-Iqe6I0_27GdMu_2WQw0bGFr1Yy10',
      ],
    ],
    negative: ['#signin=', 'the page #signin=later'],
  },
  {
    // crypt(3): MD5, SHA-256, SHA-512, yescrypt and bcrypt, as in /etc/shadow.
    name: 'password-hash',
    pattern: /(?<![A-Za-z0-9])(?<secret>\$(?:[156y]|2[abxy])\$[./A-Za-z0-9$,=]{20,200})/g,
    hints: ['$1$', '$5$', '$6$', '$y$', '$2a$', '$2b$', '$2x$', '$2y$'],
    positive: [
      [
        'root:$6$rounds=5000$usesomesillystri$KqJWpanXZHKq2BOB43TSaYhEWsQ1Lr5QNyPCDH:19000:0:',
        '$6$rounds=5000$usesomesillystri$KqJWpanXZHKq2BOB43TSaYhEWsQ1Lr5QNyPCDH',
      ],
      [
        '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
        '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
      ],
    ],
    negative: ['costs $6$ or $7', 'awk {print $1$2}'],
  },
  {
    name: 'bitlocker-recovery-key',
    pattern: /(?<![0-9-])(?<secret>\d{6}(?:-\d{6}){7})(?![0-9-])/g,
    accept: isRecoveryKey,
    // No word stands by it; a hyphen between digits does, and the pattern is cheap.
    hints: ['-'],
    positive: [
      [
        'key 000011-000022-000033-720885-000055-000066-000077-000088.',
        '000011-000022-000033-720885-000055-000066-000077-000088',
      ],
    ],
    negative: [
      'id 000012-000022-000033-720885-000055-000066-000077-000088',
      'id 000011-000022-000033-720896-000055-000066-000077-000088',
      '000011-000022-000033-720885-000055-000066-000077',
    ],
  },
  {
    name: 'net-user',
    // `net user NAME PASSWORD`, `net use \\x PASSWORD /user:y`; `*` asks for it.
    pattern: new RegExp(
      `\\bnet1?(?:\\.exe)?["']?[ \\t]+(?:user[ \\t]+[^ \\t\\r\\n/"]+|use[ \\t]+(?:[A-Z]:[ \\t]+)?\\\\\\\\[^ \\t\\r\\n"]+)[ \\t]+${unmarked}(?<secret>[^ \\t\\r\\n/*"][^ \\t\\r\\n"]*)`,
      'gi',
    ),
    hints: ['net user', 'net1 user', 'net.exe', 'net1.exe', 'net use'],
    positive: [
      ['cmd /c net user bob Pa55w0rd! /add', 'Pa55w0rd!'],
      ['net use Z: \\\\srv\\share S3cret /user:dom\\bob', 'S3cret'],
    ],
    negative: ['net user bob /delete', 'net user bob *', 'net use \\\\srv\\share /delete'],
  },
  {
    name: 'command-line-password',
    // `-Password x`, `--password x`, `/p:x`, `/rp x`, `-pw x`, `sshpass -p x`, `curl -u user:x`.
    pattern: new RegExp(
      `(?:(?<=[ \\t\\r\\n"'\\[,]|^)(?:--?|/)(?:password|passwd|pass|pwd|pw|rp|adminpassword|secret|token|api-?key|client-?secret|passphrase|requirepass)(?:[:=]|["']?,?[ \\t]+)|(?<=[ \\t])/p:|\\bsshpass[ \\t]+-p[ \\t]*|\\bcurl\\b[^\\r\\n]{0,200}?[ \\t](?:-u|--user)[ \\t]+[^ \\t\\r\\n:]+:)${unmarked}(?<secret>"[^"\\r\\n]+"|'[^'\\r\\n]+'|(?![-/(])[^ \\t\\r\\n"',;)\\]]+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [
      '-p',
      '/p',
      '/rp',
      '-secret',
      '-token',
      '-api',
      '-client',
      '-requirepass',
      '-admin',
      '/secret',
      '/token',
      'curl',
      'sshpass',
    ],
    positive: [
      ['New-User -Name bob -Password hunter2 -Force', 'hunter2'],
      ['schtasks /create /ru bob /rp s3cret /tn x', 's3cret'],
      ['setup.exe /p:hunter2 /quiet', 'hunter2'],
      ['mysql --password=hunter2 -u root', 'hunter2'],
      ['--password hunter2', 'hunter2'],
      ['mount\n--password hunter2', 'hunter2'],
      ['tool --api-key "abc def"', '"abc def"'],
      ['sshpass -p hunter2 ssh host', 'hunter2'],
      ['curl -s -u bob:hunter2 https://x', 'hunter2'],
      ['ARGV ["x", "--password", "hunter2"]', 'hunter2'],
    ],
    negative: [
      'mkdir -p /var/log/x',
      'cp -p a b',
      'ssh -p 22 host',
      'usage: x --password <value>',
      'New-User -Password -Force',
    ],
  },
  {
    name: 'password',
    // key=value, key: value, JSON (also escaped inside a string), YAML, INI; quoted values whole.
    pattern: new RegExp(
      `${secretName}(?:\\\\{0,3}["'])?[ \\t]{0,4}(?:=>|:=|[:=])[ \\t]{0,4}${unmarked}(?<secret>\\\\{1,3}"(?:(?!\\\\{1,3}")[^\\r\\n])+\\\\{1,3}"|"(?:\\\\.|[^"\\\\\\r\\n])+"|'(?:\\\\.|[^'\\\\\\r\\n])+'|(?!["'{\\[\\\\])[^ \\t\\r\\n"',;&<>)}\\]]+)`,
      'gi',
    ),
    accept: (secret) => isSecretValue(secret.replace(/^[\\"']+|[\\"']+$/g, '')),
    hints: ['pass', 'pwd', 'secret', 'key', 'token', 'credential'],
    positive: [
      ['password=hunter2', 'hunter2'],
      ['db.password: hunter2', 'hunter2'],
      ['{"user":"bob","password":"hun\\"ter2","x":1}', '"hun\\"ter2"'],
      ['{"log":"{\\"password\\":\\"hunter2\\"}"}', '\\"hunter2\\"'],
      ["client_secret = 'abc def'", "'abc def'"],
      ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG', 'wJalrXUtnFEMI/K7MDENG'],
      ['API_KEY=abcdef', 'abcdef'],
      ['GET /x?token=abcdef&y=1', 'abcdef'],
      ['DefaultPassword : hunter2', 'hunter2'],
      // UTF-8 as latin1: the second byte of "à" is 0xA0, which \s would take for a space.
      ['password=caf\u00c3\u00a0x', 'caf\u00c3\u00a0x'],
    ],
    negative: [
      'password required',
      'Failed password for bob from 10.0.0.1 port 22 ssh2',
      'password=%DB_PASSWORD%',
      'token: null',
      'keyboard: us',
      'the token is expired',
    ],
  },
  {
    name: 'xml-password',
    pattern: new RegExp(
      `<(?<element>(?:[A-Za-z0-9]+:)?[A-Za-z0-9_.-]{0,40}(?:password|passwd|pwd|secret|apikey|keymaterial|cpassword|privatekey)[A-Za-z0-9_.-]{0,20})(?:[ \\t][^<>]{0,200})?>(?:[ \\t\\r\\n]*<Value>)?${unmarked}(?<secret>[^<>]+)</`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['password', 'passwd', 'pwd', 'secret', 'apikey', 'keymaterial', 'privatekey'],
    positive: [
      ['<AdminPassword>hunter2</AdminPassword>', 'hunter2'],
      ['<keyMaterial>hunter2</keyMaterial>', 'hunter2'],
      ['<AdministratorPassword><Value>aHVudGVy</Value></AdministratorPassword>', 'aHVudGVy'],
    ],
    negative: ['<PasswordExpired>false</PasswordExpired>', '<Password/>'],
  },
];
