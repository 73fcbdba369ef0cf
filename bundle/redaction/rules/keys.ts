import { isSecretValue, type RedactionRule, unmarked } from '../rule.ts';

/**
 * The eight groups of a BitLocker recovery key are multiples of 11 below 720,896 (2^16 × 11); other numbers of this
 * form are not keys.
 */
const isRecoveryKey = (text: string): boolean =>
  text.split('-').every((group) => Number(group) % 11 === 0 && Number(group) < 720_896);

/** Keys, certificates with keys, and hashes of passwords (RFC 7468, crypt(3), Microsoft’s BitLocker and LAPS documentation). */
export const keyRules: readonly RedactionRule[] = [
  {
    name: 'private-key',
    // The end may be far away or missing: text that was cut must not show the half of a key. A quote ends a JSON string.
    pattern:
      /-----?[ ]?BEGIN (?:(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)[ ]?-----?(?<secret>[^"]*?)(?:-----?[ ]?END (?:(?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)[ ]?-----?|(?=")|(?=[\r\n]*$))/g,
    accept: (secret) => /[A-Za-z0-9]/.test(secret),
    hints: ['private key----', 'private key ----', 'private key block----', 'key v1----'],
    positive: [
      ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----\n', '\nMIIEvQIBADAN\n'],
      ['key: "-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----"', '\\nMIIE\\n'],
      [
        '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nMIIEvQIBADAN\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n',
        '\nMIIEvQIBADAN\n',
      ],
      ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r', '\nb3BlbnNzaC1r'],
      [
        '-----BEGIN OpenVPN Static key V1-----\n0123456789abcdef\n-----END OpenVPN Static key V1-----',
        '0123456789abcdef',
      ],
      ['{"m":"x"} -----BEGIN PRIVATE KEY----- MIIEvQIBADAN\nnext', ' MIIEvQIBADAN'],
    ],
    negative: ['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', 'the private key was renewed'],
  },
  {
    name: 'pfx',
    pattern: new RegExp(
      `(?:pfx|pkcs12|pkcs#12|p12)[A-Za-z0-9_ -]{0,30}["']?[ \\t]{0,4}[:=][ \\t]{0,4}["']?${unmarked}(?<secret>MII[A-Za-z0-9+/=]{24,})`,
      'gi',
    ),
    hints: ['pfx', 'pkcs12', 'pkcs#12', 'p12'],
    positive: [
      ['{"pfxContent":"MIIKYQIBAzCCCicGCSqGSIb3DQEHAaCCChg"}', 'MIIKYQIBAzCCCicGCSqGSIb3DQEHAaCCChg'],
      ['PfxBase64 = MIIKYQIBAzCCCicGCSqGSIb3DQEHAaCCChg==', 'MIIKYQIBAzCCCicGCSqGSIb3DQEHAaCCChg=='],
    ],
    negative: ['the file site.pfx was imported', 'Import-PfxCertificate -FilePath c:\\x.pfx'],
  },
  {
    name: 'age-identity',
    pattern: /(?<secret>AGE-SECRET-KEY-1[0-9A-Z]{58})/gi,
    hints: ['age-secret-key-1'],
    positive: [
      [
        'found AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ in it',
        'AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ',
      ],
    ],
    negative: ['AGE-SECRET-KEY-1 is how it begins'],
  },
  {
    name: 'bitlocker-recovery-key',
    pattern: /(?<![0-9-])(?<secret>\d{6}(?:-\d{6}){7})(?![0-9-])/g,
    accept: isRecoveryKey,
    hints: ['-######-######-'],
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
    // pwdump and secretsdump: name:rid:LM hash:NT hash, and lone NT hashes by their label.
    name: 'ntlm-hash',
    pattern:
      /(?:(?<=:)|(?<![0-9a-f])(?=aad3b435b51404eeaad3b435b51404ee:)|\b(?:NTLM|NT|LM)(?: hash)?[ ]{0,6}[:=][ ]{0,6}|\*[ ](?:SHA1|DPAPI)[ ]{1,8}:[ ]|-hashes[ ]+:)(?<!\betag["':= \t]{1,6}(?:W\/)?["']?nt:)(?<secret>[0-9a-f]{32}(?:[0-9a-f]{8})?(?::[0-9a-f]{32})?)(?![0-9a-f])/gi,
    hints: ['sha1  ', 'dpapi  ', '-hashes ', 'aad3b435b51404ee:', 'ntlm', 'nt hash', 'nt:', 'nt :', 'nt=', ':::'],
    positive: [
      [
        'Administrator:500:aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0:::',
        'aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0',
      ],
      [
        'pair aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0',
        'aad3b435b51404eeaad3b435b51404ee:31d6cfe0d16ae931b73c59d7e0c089c0',
      ],
      ['NT:31d6cfe0d16ae931b73c59d7e0c089c0', '31d6cfe0d16ae931b73c59d7e0c089c0'],
      ['  * NTLM     : 31d6cfe0d16ae931b73c59d7e0c089c0', '31d6cfe0d16ae931b73c59d7e0c089c0'],
      ['  * SHA1     : 31d6cfe0d16ae931b73c59d7e0c089c031d6cfe0', '31d6cfe0d16ae931b73c59d7e0c089c031d6cfe0'],
      ['wmiexec.py -hashes :31d6cfe0d16ae931b73c59d7e0c089c0 CORP/bob@h', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ],
    negative: ['NTLM authentication succeeded', 'etag nt: abc', 'ETag nt:d41d8cd98f00b204e9800998ecf8427e'],
  },
  {
    // NetNTLMv2 as it is captured, and hashcat’s names for Kerberos tickets.
    name: 'ntlm-response',
    pattern: /(?<secret>\$krb5(?:tgs|asrep|pa)\$[^ \t\r\n"']{30,}|[0-9a-fA-F]{16}:[0-9a-fA-F]{32}:[0-9a-fA-F]{20,})/gi,
    hints: ['$krb5', '::'],
    positive: [
      [
        'bob::CORP:1122334455667788:0123456789abcdef0123456789abcdef:0101000000000000aabbccddeeff00112233',
        '1122334455667788:0123456789abcdef0123456789abcdef:0101000000000000aabbccddeeff00112233',
      ],
      [
        '$krb5tgs$23$*svc$CORP$x*$a3f1c0d9e8b7a6f5e4d3c2b1a0f9e8d7$0011223344',
        '$krb5tgs$23$*svc$CORP$x*$a3f1c0d9e8b7a6f5e4d3c2b1a0f9e8d7$0011223344',
      ],
    ],
    negative: ['std::string', 'listens on ::1'],
  },
  {
    // Base64 of NTLMSSP messages and of Kerberos tickets (GSS-API tokens, KRB-CRED).
    name: 'kerberos-ntlm-token',
    pattern:
      /(?<![A-Za-z0-9+/])(?<secret>(?:TlRMTVNTUA[A-Za-z0-9+/]{16,}|YII[A-Za-z0-9+/]{60,}|doI[A-Za-z0-9+/]{60,})={0,2})/g,
    hints: ['tlrmtvntua', 'yii', 'doi'],
    positive: [
      ['msg TlRMTVNTUAADAAAAGAAYAHoAAAAYABgA done', 'TlRMTVNTUAADAAAAGAAYAHoAAAAYABgA'],
      [`Negotiate YII${'Gq1x9Z'.repeat(12)}==`, `YII${'Gq1x9Z'.repeat(12)}==`],
      [`ticket doI${'Fq1x9Z'.repeat(12)}=`, `doI${'Fq1x9Z'.repeat(12)}=`],
    ],
    negative: ['doing nothing', 'YII is short'],
  },
  {
    // Windows LAPS: {"n":"Administrator","t":"1d8…","p":"…"}.
    name: 'laps-password',
    pattern: new RegExp(
      `\\\\{0,3}"t\\\\{0,3}"[ ]?:[ ]?\\\\{0,3}"[0-9a-f]{3,20}\\\\{0,3}"[ ]?,[ ]?\\\\{0,3}"p\\\\{0,3}"[ ]?:[ ]?\\\\{0,3}"${unmarked}(?<secret>[^"\\\\\\r\\n]{4,128})`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['"p":"', '\\"p\\":', '"p": "'],
    positive: [
      [
        '{"n":"Administrator","t":"1d8161b41c41cde","p":"A6a3#7%eb!57be4a4B95Z43394ba956de69e5d8975#$8a6d)4f82da6ad500HGx"}',
        'A6a3#7%eb!57be4a4B95Z43394ba956de69e5d8975#$8a6d)4f82da6ad500HGx',
      ],
    ],
    negative: ['{"n":"x","p":"y"}'],
  },
  {
    // What PowerShell's ConvertFrom-SecureString prints: DPAPI's blob; and the same in base64.
    name: 'secure-string',
    pattern:
      /(?<![0-9a-z])(?<secret>01000000d08c9ddf0115d1118c7a00c04fc297eb[0-9a-f]{40,}|AQAAANCMnd8BFdERjHoAwE\/Cl\+sB[A-Za-z0-9+/]{40,}={0,2})/gi,
    hints: ['01000000d08c9ddf0115d111', 'aqaaancmnd8bfder'],
    positive: [
      [
        `x 01000000d08c9ddf0115d1118c7a00c04fc297eb${'0123456789'.repeat(6)} y`,
        `01000000d08c9ddf0115d1118c7a00c04fc297eb${'0123456789'.repeat(6)}`,
      ],
      [`x AQAAANCMnd8BFdERjHoAwE/Cl+sB${'Ab3d'.repeat(12)}==`, `AQAAANCMnd8BFdERjHoAwE/Cl+sB${'Ab3d'.repeat(12)}==`],
    ],
    negative: ['01000000d08c9ddf0115d1118c7a00c04fc297eb'],
  },
  {
    name: 'device-password',
    pattern: new RegExp(
      `\\b(?:password|secret|key)[ \\t]+[05-9][ \\t]+${unmarked}(?<secret>[0-9A-Fa-f]{6,}|\\$[^ \\t\\r\\n]{8,})`,
      'gi',
    ),
    hints: [
      'password 0',
      'password 5',
      'password 7',
      'password 8',
      'password 9',
      'secret 5',
      'secret 8',
      'secret 9',
      'key 7',
    ],
    positive: [
      ['username admin password 7 0822455D0A16', '0822455D0A16'],
      ['enable secret 9 $9$abcDEF0123$xyz', '$9$abcDEF0123$xyz'],
    ],
    negative: ['password 5 attempts left', 'public key 7 bytes'],
  },
];
