import { isSecretValue, quote, type RedactionRule, unmarked } from '../rule.ts';

/** What may stand between a word and its value: the kind of encoding, as a number or a word. */
const kind =
  '(?:(?:[0-9]|1[0-5]|ENC|ascii|ascii-text|hexadecimal|cipher|irreversible-cipher|simple|encrypted|plaintext|ciphertext|local|remote|hex|"ENC)[ \\t]+){0,2}';
const value = `${kind}${quote}?${unmarked}(?<secret>(?<=["'])[^"'\\\\\\r\\n]+|(?!["'\\\\])[^ \\t\\r\\n"',;<>()]{4,})`;

/** What stands before the secret in the languages of Cisco, Arista, Juniper, Huawei, Fortinet. */
const beforeSecret = [
  `enable[ \\t]+(?:algorithm-type[ \\t]+[a-z0-9]+[ \\t]+)?(?:password|secret)(?:[ \\t]+level[ \\t]+\\d+)?`,
  `username[ \\t]+[^ \\t\\r\\n]{1,64}[ \\t]+(?:privilege[ \\t]+\\d+[ \\t]+)?(?:role[ \\t]+[^ \\t\\r\\n]+[ \\t]+)?(?:password|secret)`,
  `(?:tacacs|radius|aaa)-server[ \\t]+(?:[^\\r\\n]{1,80}[ \\t])?key`,
  `(?:tacacs|radius)[ \\t]+server[ \\t]+[^\\r\\n]{1,80}[ \\t]key`,
  `server-private[ \\t]+[^\\r\\n]{1,60}[ \\t]key`,
  `neighbor[ \\t]+[^ \\t\\r\\n]{1,64}[ \\t]+password`,
  `message-digest-key[ \\t]+\\d+[ \\t]+md5`,
  `authentication-key[ \\t]+\\d+[ \\t]+(?:md5|sha1|sha2-256|hmac-sha2-256|cmac-aes-128)`,
  `authentication-key(?![ \\t]+\\d+[ \\t]+[a-z])`,
  `(?<!-)key-string`,
  `isakmp[ \\t]+key`,
  `pre-?shared-key(?![ \\t]+key-chain)(?:[ \\t]+address[ \\t]+[^\\r\\n]{1,60}[ \\t]key)?`,
  `psksecret`,
  `psk(?=[ \\t]+${quote})`,
  `vtp[ \\t]+password`,
  `chap[ \\t]+password`,
  `sent-username[ \\t]+[^ \\t\\r\\n]{1,64}[ \\t]+password`,
  `(?:ip[ \\t]+)?ftp[ \\t]+password`,
  `set[ \\t]+(?:passw(?:or)?d|(?:auth|priv)-pwd|secret)(?=[ \\t]+"?ENC)`,
  `set[ \\t]+(?:auth|priv)-pwd`,
  `set[ \\t]+system[ \\t]+(?:radius|tacplus)-server[ \\t]+[^ \\t\\r\\n]+[ \\t]+secret`,
  `(?:local-user|super)[ \\t]+[^\\r\\n]{1,64}[ \\t](?:simple|cipher)`,
  `(?:shared-key|authentication-mode[ \\t]+(?:md5|hmac-[a-z0-9]+)(?:[ \\t]+\\d+)?|(?<=key[ \\t])(?:authentication|accounting)|authentication[ \\t]+password)[ \\t]+(?:simple|cipher)`,
  `key-octet-string`,
  `authentication[ \\t]+text`,
  `(?<=\\bpassword[ \\t]{1,8}manager[ \\t][^\\r\\n]{1,80}[ \\t])(?:plaintext|sha1|sha256)`,
  `psk[ \\t]+set-key`,
  `password[ \\t]+(?:irreversible-)?cipher`,
  `wpa-psk[ \\t]+(?:ascii|hex)`,
  `login-password`,
  `encrypted-password`,
  `plain-text-password-value`,
  `set[ \\t]+community`,
];

/** Configurations of switches, routers, firewalls and management boards. */
export const deviceRules: readonly RedactionRule[] = [
  {
    name: 'device-secret',
    pattern: new RegExp(`\\b(?:${beforeSecret.join('|')})[ \\t]+${value}`, 'gi'),
    accept: (secret) =>
      isSecretValue(secret) &&
      !/^(?:ENC|encrypted|chain|authentication|extensions?|must|should|will|when|were|pair|fields?)$/i.test(secret),
    hints: [
      ...['secret ', 'username ', 'tacacs-server', 'radius-server', 'aaa-server'],
      ...['tacacs server', 'adius server', 'r-private', 'st-key', 'authentication-key', 'key-string'],
      ...[
        'isakmp key',
        'shared-key',
        'sharedkey',
        'psksecret',
        'psk "',
        'psk \\"',
        'psk &',
        'vtp password',
        'chap password',
        'nt-username',
      ],
      ...['ftp password', 'passwd enc', 'password enc', 'password cipher', 'irreversible-cipher', 'wpa-psk '],
      ...['n-password', 'encrypted-password', 'n-text-password', 'set community', 'password '],
      ...['hm-type', 'passwd "enc', 'auth-pwd', 'priv-pwd', 'secret enc', 'secret "enc', 'tet-string', 'vrrp '],
      ...[' cipher ', 'simple ', 'user-name ', 'psk set-key'],
    ],
    needs: [
      ...['key', 'secret', 'psk', 'PSK', 'password', 'passwd', 'community', 'Key', 'Secret', 'Password', '-pwd'],
      ...['cipher', 'simple', 'authentication'],
    ],
    positive: [
      ['enable secret hunter2', 'hunter2'],
      ['tacacs-server key ciphertext hunter2', 'hunter2'],
      ['enable password 0 hunter2', 'hunter2'],
      ['username bob privilege 15 password 0 hunter2', 'hunter2'],
      ['username bob secret hunter2', 'hunter2'],
      ['radius-server host 127.0.0.1 key hunter2', 'hunter2'],
      ['neighbor 127.0.0.1 password hunter2', 'hunter2'],
      ['ip ospf message-digest-key 1 md5 hunter2', 'hunter2'],
      ['key-string 7 0822455D0A16', '0822455D0A16'],
      ['crypto isakmp key hunter2 address 0.0.0.0', 'hunter2'],
      ['set psksecret ENC aHVudGVyMg==', 'aHVudGVyMg=='],
      ['pre-shared-key ascii-text "hunter2 zebra"', 'hunter2 zebra'],
      ['  password irreversible-cipher hunter2', 'hunter2'],
      ['enable algorithm-type scrypt secret hunter2', 'hunter2'],
      ['ntp authentication-key 10 sha1 0 hunter2', 'hunter2'],
      ['vrrp 1 authentication text hunter2', 'hunter2'],
      ['set passwd "ENC aHVudGVyMg=="', 'aHVudGVyMg=='],
      ['set auth-pwd ENC aHVudGVyMg==', 'aHVudGVyMg=='],
      ['local-user bob password simple hunter2', 'hunter2'],
      ['hwtacacs server shared-key cipher %^%#Ab3dEf%^%#', '%^%#Ab3dEf%^%#'],
      ['key-octet-string 7 0123456789abcdef', '0123456789abcdef'],
      ['password manager user-name bob plaintext hunter2', 'hunter2'],
    ],
    negative: [
      'enable password is required',
      'username root password required',
      'the authentication-key was set',
      'neighbor 127.0.0.1 password missing',
      'radius-server key',
      'isakmp key changed',
      'Username and password must be provided',
      'the cipher suite is simple',
      'local-user bob service-type ssh',
      'ntp authentication-key 10 sha1 0',
    ],
  },
];
