import { isSecretValue, quote, type RedactionRule, unmarked } from '../rule.ts';
import { argument } from './command-argument.ts';

/** Communities and passwords of SNMP: on command lines, in snmpd.conf, in switches' configurations. */
export const snmpRules: readonly RedactionRule[] = [
  {
    // Options with case: `-a SHA -A x -x AES -X y`; each by itself, since there are two of them. And snmpd.conf.
    name: 'snmp-secret',
    pattern: new RegExp(
      `(?:(?<=[ \\t])-[cAX][ \\t]*(?<=\\b[Ss]nmp[a-z]{2,9}(?:\\.exe)?${quote}?[ \\t][^\\r\\n]{0,200})|(?<=\\bsnmp-server[ \\t]+user[ \\t]+[^\\r\\n]{1,120}[ \\t](?:auth[ \\t]+(?:md5|sha(?:-?\\d{3})?)|priv[ \\t]+(?:des|3des|aes(?:[ \\t-]*\\d{3})?))[ \\t]+)(?!\\d{3}[ \\t])|(?<=\\bcreateUser[ \\t][^\\r\\n]{0,160}[ \\t](?:MD5|SHA(?:-?\\d+)?|DES|AES(?:-?\\d+)?)[ \\t]{1,8}))${argument}`,
      'g',
    ),
    accept: isSecretValue,
    hints: ['snmp', 'euser '],
    positive: [
      ['snmpwalk -v2c -c s3cr3tRO sw1 .1', 's3cr3tRO'],
      ['snmpwalk -v3 -u bob -l authPriv -a SHA -A Opossum55 -x AES -X Zebra77Quill sw1', 'Zebra77Quill'],
      ['snmpwalk -v3 -u bob -l authPriv -a SHA -A Opossum55 -x AES -X Zebra77Quill sw1', 'Opossum55'],
      ['snmpget -v3 -A"Opossum55 y" -XZebra77Quill sw1', '"Opossum55 y"'],
      ['snmpget -v3 -A"Opossum55 y" -XZebra77Quill sw1', 'Zebra77Quill'],
      ['snmp-server user bob grp v3 auth sha Opossum55 priv aes 128 Zebra77Quill', 'Opossum55'],
      ['snmp-server user bob grp v3 auth sha Opossum55 priv aes 128 Zebra77Quill', 'Zebra77Quill'],
      ['createUser bob SHA "Opossum55" AES "Zebra77Quill"', '"Opossum55"'],
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
      `(?:\\bsnmp-server[ \\t]+community[ \\t]+|\\bsnmp-server[ \\t]+host[ \\t]+\\S+[ \\t]+(?:(?:traps|informs)[ \\t]+)?(?:version[ \\t]+\\S+[ \\t]+)?|^[ \\t]*r[ow]community6?[ \\t]+|\\btrap2?sink[ \\t]+\\S+[ \\t]+|\\bcom2sec6?[ \\t]+\\S+[ \\t]+\\S+[ \\t]+|\\b(?:snmp[ _-]?)?community(?:[ _-]?(?:string|name))?["']?[ \\t]{0,4}[:=][ \\t]{0,4})${unmarked}(?<secret>"[^"\\r\\n]+"|'[^'\\r\\n]+'|[^ \\t\\r\\n"',;)<>]+)`,
      'gim',
    ),
    accept: isSecretValue,
    hints: ['snmp', 'community', 'com2sec', 'trapsink', 'trap2sink'],
    positive: [
      ['snmp-server community s3cr3tRO RO', 's3cr3tRO'],
      ['rocommunity s3cr3tRO default', 's3cr3tRO'],
      ['com2sec notConfigUser default s3cr3tRO', 's3cr3tRO'],
      ['SNMP community: s3cr3tRO', 's3cr3tRO'],
    ],
    negative: ['the community is large', 'snmpd started', 'a community of nodes'],
  },
];
