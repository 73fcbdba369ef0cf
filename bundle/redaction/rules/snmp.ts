import { isSecretValue, quote, type RedactionRule, unmarked } from '../rule.ts';
import { argument } from './command-argument.ts';

/** Communities and passwords of SNMP: on command lines, in snmpd.conf, in switches' configurations. */
export const snmpRules: readonly RedactionRule[] = [
  {
    // Options with case: `-a SHA -A x -x AES -X y`; each by itself, since there are two of them. And snmpd.conf.
    name: 'snmp-secret',
    pattern: new RegExp(
      `(?:(?<=[ \\t])-[cAX][ \\t]{0,8}(?<=\\b(?:[Ss]nmp[a-z]{2,9}|trapsess)(?:\\.exe)?${quote}?[ \\t][^\\r\\n]{0,200})|(?<=\\bsnmpv3[ \\t]{1,8}user[ \\t]{1,8}[^\\r\\n]{1,120}[ \\t](?:auth|priv)[ \\t]{1,8}(?:md5|sha\\d*|des|aes)[ \\t]{1,8})(?=\\\\{0,3}")|(?<=\\b(?:authentication|privacy)-password[ \\t]{1,8})(?=\\\\{0,3}")|(?<=\\busm-user[ \\t]{1,8}v3[ \\t][^\\r\\n]{1,120}-mode[ \\t]{1,8}(?:md5|sha\\d*|des\\d*|3des|aes\\d*)[ \\t]{1,8}(?:cipher[ \\t]{1,8})?)|(?<=\\bsnmp-server[ \\t]{1,8}user[ \\t]{1,8}[^\\r\\n]{1,120}[ \\t](?:auth[ \\t]{1,8}(?:md5|sha(?:-?\\d{1,3}){0,2})|priv(?:[ \\t]{1,8}(?:des|3des|aes(?:[ \\t-]*\\d{3})?)|(?=[ \\t]{1,8}0x)))[ \\t]{1,8})(?!\\d{3}[ \\t])|(?<=\\bcreateUser[ \\t][^\\r\\n]{0,160}[ \\t](?:MD5|SHA(?:-?\\d+)?|DES|AES(?:-?\\d+)?)[ \\t]{1,8}))${argument}`,
      'g',
    ),
    accept: isSecretValue,
    hints: ['snmp', 'euser ', 'trapsess', 'n-password "', 'y-password "', 'n-password \\"', 'y-password \\"'],
    positive: [
      ['snmpwalk -v2c -c s3cr3tRO sw1 .1', 's3cr3tRO'],
      ['snmpwalk -v3 -u bob -l authPriv -a SHA -A Opossum55 -x AES -X Zebra77Quill sw1', 'Zebra77Quill'],
      ['snmpwalk -v3 -u bob -l authPriv -a SHA -A Opossum55 -x AES -X Zebra77Quill sw1', 'Opossum55'],
      ['snmpget -v3 -A"Opossum55 y" -XZebra77Quill sw1', '"Opossum55 y"'],
      ['snmpget -v3 -A"Opossum55 y" -XZebra77Quill sw1', 'Zebra77Quill'],
      ['snmp-server user bob grp v3 auth sha Opossum55 priv aes 128 Zebra77Quill', 'Opossum55'],
      ['snmp-server user bob grp v3 auth sha Opossum55 priv aes 128 Zebra77Quill', 'Zebra77Quill'],
      ['createUser bob SHA "Opossum55" AES "Zebra77Quill"', '"Opossum55"'],
      ['trapsess -v 3 -u bob -a SHA -A Opossum55 -x AES -X Zebra77Quill h', 'Opossum55'],
      ['{"m":"snmpv3 user bob auth sha \\"Opossum55\\" priv aes \\"Zebra77Quill\\""}', 'Zebra77Quill'],
      ['snmpv3 user bob auth sha "Opossum55" priv aes "Zebra77Quill"', '"Zebra77Quill"'],
      ['snmp-server user bob grp 3 auth sha2-256 Opossum55', 'Opossum55'],
      [
        'snmp-server user bob admin auth md5 0x0123456789ab priv 0xba9876543210ba9876543210 localizedkey',
        '0xba9876543210ba9876543210',
      ],
      ['set snmp v3 usm user bob authentication-sha authentication-password "Opossum55"', '"Opossum55"'],
      ['snmp-agent usm-user v3 bob authentication-mode sha Opossum55', 'Opossum55'],
      ['createUser bob SHA "Opossum55" AES "Zebra77Quill"', '"Zebra77Quill"'],
    ],
    negative: [
      'snmp-server user bob grp v3',
      'snmpwalk -v3 -l authPriv -a SHA -x AES sw1',
      'snmpd -c /etc/snmp/snmpd.conf',
      'snmptable -Cb sw1 x',
    ],
  },
  {
    name: 'snmp-community',
    pattern: new RegExp(
      `(?:\\bsnmp-server[ \\t]+community[ \\t]+(?:[0-9][ \\t]+(?=[^ \\t\\r\\n]{3}))?|\\bsnmp-server[ \\t]+host[ \\t]+\\S+[ \\t]+(?:vrf[ \\t]+\\S+[ \\t]+)?(?:(?:traps|informs)[ \\t]+)?(?:version[ \\t]+\\S+[ \\t]+(?:(?:no)?auth[ \\t]+|priv[ \\t]+)?)?(?!vrf[ \\t]|udp-port[ \\t])|\\bsnmp-agent[ \\t]+community[ \\t]+(?:read|write)[ \\t]+(?:cipher[ \\t]+)?|\\b(?:readonly|readwrite|ro|rw)-community[ \\t]+|\\b(?:def|trap)community[ \\t]+|(?:Agent|Trap)Community(?:Name)?${quote}?[ \\t]{0,4}[:=][ \\t]{0,4}|\\binformsink[ \\t]+\\S+[ \\t]+|\\bset[ \\t]+snmp[ \\t]+community[ \\t]+|\\bcommunity(?:[ ](?:string|name))?[ \\t]+${quote}?(?=(?!no-|local-)(?=[^ \\t\\r\\n"']*\\d)(?=[^ \\t\\r\\n"']*[a-z])[A-Za-z0-9_$!#@.-]{6,64}(?:["'][ ]from|[ ](?:from|authorization|access|view|version|group)|[ \\t]*$))|[AS]NMP[.](?:Agent)?Community(?:Name)?[ \\t]+|AgentCommunity[ \\t]+|\\bSNMPCommunity[ \\t]+REG_SZ[ \\t]+|/snmp[ ]community[ ]add[ ]name=|(?:^|[">]|\\]:[ ])[ \\t]*r[ow]community6?[ \\t]+|\\btrap2?sink[ \\t]+\\S+[ \\t]+|\\bcom2sec6?[ \\t]+(?:-Cn[ \\t]+\\S+[ \\t]+)?(?!-)\\S+[ \\t]+\\S+[ \\t]+|\\b(?:snmp[ _-]?)?community(?:[ _-]?(?:string|name))?["']?[ \\t]{0,4}[:=][ \\t]{0,4})${unmarked}(?<secret>\\\\{1,7}"(?:(?!\\\\{1,7}")[^\\r\\n])+\\\\{1,7}"|"[^"\\r\\n]+"|'[^'\\r\\n]+'|(?!\\\\{1,7}["'])[^ \\t\\r\\n"',;)<>]+)`,
      'gim',
    ),
    accept: isSecretValue,
    hints: ['snmp', 'community', 'com2sec', 'trapsink', 'trap2sink', 'rmsink'],
    positive: [
      ['snmp-server community s3cr3tRO RO', 's3cr3tRO'],
      ['rocommunity s3cr3tRO default', 's3cr3tRO'],
      ['{"m":"rocommunity s3cr3tRO default"}', 's3cr3tRO'],
      ['{"m":"snmp-server community \\"s3cr3tRO\\" unrestricted"}', 's3cr3tRO'],
      ['com2sec notConfigUser default s3cr3tRO', 's3cr3tRO'],
      ['SNMP community: s3cr3tRO', 's3cr3tRO'],
      ['snmp-server community 7 046E1B0B0B rw', '046E1B0B0B'],
      ['snmp-server host 127.0.0.1 vrf mgmt version 2c s3cr3tRO', 's3cr3tRO'],
      ['snmp-agent community read cipher %^%#Ab3dEf%^%#', '%^%#Ab3dEf%^%#'],
      ['nv set system snmp-server readonly-community s3cr3tRO access any', 's3cr3tRO'],
      ['racadm set iDRAC.SNMP.AgentCommunity s3cr3tRO', 's3cr3tRO'],
      ['bad community string s3cr3tRO from UDP', 's3cr3tRO'],
      ['trapcommunity s3cr3tRO', 's3cr3tRO'],
      ['{"SNMP.1.AgentCommunity":"opossum"}', 'opossum'],
      ['snmp-server host inside 127.0.0.1 community s3cr3tRO version 2c', 's3cr3tRO'],
      ['com2sec -Cn ctx bob default s3cr3tRO', 's3cr3tRO'],
    ],
    negative: [
      'the community is large',
      'snmpd started',
      'a community of nodes',
      'BGP: community no-export2 from peer',
      'snmp-server host 127.0.0.1 vrf mgmt',
    ],
  },
];
