import { isSecretValue, quote, type RedactionRule, unmarked } from '../rule.ts';

const word = '[^ \\t\\r\\n"\']{1,128}';
/** How the value is given: a number or a word before it. */
const kind =
  '(?:(?:\\d{1,2}|ascii|hex|cipher|simple|ciphertext|plaintext|encrypted|enc)[ \\t]{1,8}(?=[^ \\t\\r\\n]{2}))?';

/**
 * What stands before the secret in the words of one maker: Aruba, Cisco (ASA, WLC), Comware, Dell, Extreme, Brocade, Palo
 * Alto, NetScaler, NetApp, VyOS.
 */
const beforeSecret = [
  `user[ \\t]{1,8}${word}[ \\t]{1,8}group[ \\t]{1,8}${word}[ \\t]{1,8}password`,
  `hash-key`,
  `(?:primary|secondary)[ \\t]{1,8}(?:authentication|accounting|authorization)[ \\t]{1,8}[^\\r\\n]{1,80}?[ \\t]key`,
  `(?:isis|rip|ospf|bfd|hsrp|vrrp)[ \\t]{1,8}(?:vrid[ \\t]{1,8}\\d{1,3}[ \\t]{1,8})?authentication-mode[ \\t]{1,8}(?:simple|md5|hmac-[a-z0-9-]{1,12})(?:[ \\t]{1,8}\\d{1,3})?`,
  `failover[ \\t]{1,8}(?:ipsec[ \\t]{1,8}pre-shared-)?key(?=(?:[ \\t]{1,8}[^ \\t\\r\\n]{1,128}){1,2}[ \\t]*$)`,
  `wpa-passphrase`,
  `config[ \\t]{1,8}(?:radius[ \\t]{1,8}(?:auth|acct)|tacacs[ \\t]{1,8}(?:auth|acct|athr))[ \\t]{1,8}add(?:[ \\t]{1,8}${word}){3}`,
  `config[ \\t]{1,8}(?:mgmtuser|netuser)[ \\t]{1,8}(?:add|password)[ \\t]{1,8}${word}`,
  `psk[ \\t]{1,8}${word}[ \\t]{1,8}secret`,
  `snmp-community-string`,
  `add[ \\t]{1,8}(?:system|aaa)[ \\t]{1,8}user[ \\t]{1,8}${word}(?:[ \\t]{1,8}(?:-?password))?`,
  `userconfig[ \\t][^\\r\\n]{0,120}?[ \\t]-p`,
  `iscsi[ \\t]{1,8}security[ \\t][^\\r\\n]{0,160}?[ \\t]-(?:outbound-|inbound-)?p(?:assword)?`,
  `-community-name`,
  `configure[ \\t]{1,8}(?:account|snmp[ \\t]{1,8}add[ \\t]{1,8}community|snmpv3[ \\t]{1,8}add[ \\t]{1,8}community)[ \\t]{1,8}${word}(?:[ \\t]{1,8}password)?`,
  `secret(?=[ \\t]{1,8}-AQ==)`,
];

/** Configurations of switches, firewalls and storage in words that no other maker has. */
export const networkDeviceRules: readonly RedactionRule[] = [
  {
    name: 'network-device-secret',
    pattern: new RegExp(
      `(?<![A-Za-z0-9])(?:${beforeSecret.join('|')})[ \\t]{1,8}${kind}${quote}?${unmarked}(?<secret>(?<=["'])[^"'\\\\\\r\\n]+|(?!["'\\\\])[^ \\t\\r\\n"',;<>()]{4,})`,
      'gim',
    ),
    accept: (secret) => isSecretValue(secret) && !/^\d{1,5}$/.test(secret),
    hints: [
      ...['administrators password', 'ators password', 'sh-key', 'y authentication ', 'y accounting '],
      ...[
        'y authorization ',
        'n-mode ',
        'ilover key',
        'ilover ipsec',
        'wpa-passphrase',
        'radius auth add',
        'radius acct add',
        'tacacs auth add',
        'tacacs acct add',
        'tacacs athr add',
      ],
      ...['mgmtuser', 'netuser', ' psk ', 'community-string', 'em user ', 'aaa user', 'userconfig'],
      ...['iscsi security', 'community-name', 'snmp add com', 'snmpv3 add com', 'secret -aq=='],
    ],
    positive: [
      ['user admin group administrators password ciphertext AQBapbXm1nUv', 'AQBapbXm1nUv'],
      ['aaa radius-server "R" host 127.0.0.1 hash-key "hunter zebra" auth-port 1812', 'hunter zebra'],
      [' primary authentication 127.0.0.1 key cipher $c$3$Ab3dEf', '$c$3$Ab3dEf'],
      ['isis authentication-mode md5 hunter', 'hunter'],
      ['failover key hunter', 'hunter'],
      [' wpa-passphrase "hunter zebra"', 'hunter zebra'],
      ['config radius auth add 1 127.0.0.1 1812 ascii hunter', 'hunter'],
      ['config mgmtuser add bob hunter read-write', 'hunter'],
      ["set vpn ipsec authentication psk P secret 'hunter'", 'hunter'],
      ['set deviceconfig system snmp-setting snmp-community-string hunter', 'hunter'],
      ['add system user nsroot 0123456789abcdef0123 -encrypted', '0123456789abcdef0123'],
      ['userconfig --add bob -p hunter -r admin', 'hunter'],
      ['iscsi security add -i iqn.x -s CHAP -p hunter -n bob', 'hunter'],
      ['snmp community add -type ro -community-name hunter', 'hunter'],
      ['configure snmp add community readonly hunter', 'hunter'],
      ['set shared server-profile radius R server S secret -AQ==Ab3dEfGh=', '-AQ==Ab3dEfGh='],
    ],
    negative: [
      'failover key is set',
      'failover key exchange is done',
      'hash-key required',
      'primary authentication failed for bob: no key was found',
      'the authentication-mode is md5',
      'configure account settings password policy',
      'ospf authentication-mode md5 1',
    ],
  },
];
