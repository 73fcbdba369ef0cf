import { isSecretValue, type RedactionRule, unmarked } from '../rule.ts';

/** Hashes and keys of accounts, in the forms that directories, databases and tools for Kerberos print. */
export const hashRules: readonly RedactionRule[] = [
  {
    // Apache, LDAP (RFC 2307), Django, passlib, PHC strings, GRUB, PostgreSQL, MySQL, cached logons, ASP.NET Core.
    name: 'stored-password-hash',
    pattern:
      /(?<![A-Za-z0-9$])(?<secret>\$(?:apr1|argon2(?:id|i|d)|scrypt|pbkdf2[a-z0-9-]*|sha1|7|P|DCC2|8|9|14)\$(?:[^ \t\r\n"'<>;,:]|,(?=[a-z]{1,2}=)){8,}|\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2[A-Z0-9-]*|PKCS5S2)\}[A-Za-z0-9+/=$.]{13,}|(?:pbkdf2_sha(?:1|256|512)|scrypt|bcrypt_sha256)\$[^ \t\r\n"'<>;,]{20,}|AQAAAA[EI]AA[A-Za-z0-9+/]{4}AAAE[A-Za-z0-9+/]{40,}={0,2}|\$M\$[A-Za-z0-9]{2}\$[A-Za-z0-9+/=]{8,}|grub\.pbkdf2\.sha512\.[0-9A-F.]{20,}|SCRAM-SHA-(?:1|256)\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=:]+|(?<=(?:native_password|identified|authentication_string|rolpassword)[^\r\n]{0,80})(?:\*[0-9A-F]{40}|md5[0-9a-f]{32})|md5[0-9a-f]{32}(?=[^\r\n]{0,80}rolpassword))/g,
    hints: [
      ...['$apr1$', 'rgon2', '$scrypt$', '$pbkdf2', '$sha1$', '$7$', '$p$', '$dcc2$', '$8$', '$9$', '$14$', '$m$'],
      ...['{sha', '{ssha', '{md5', '{smd5', '{crypt', '{pbkdf2', '{pkcs5'],
      ...['pbkdf2_sha', 'scrypt$', 'bcrypt_sha256$', 'grub.pbkdf2', 'scram-sha-'],
      ...['ve_password', 'identified', 'authentication_string', 'rolpassword', 'aqaaaaeaa', 'aqaaaaiaa'],
    ],
    positive: [
      ['bob:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00', '$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00'],
      ['bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
      ['x $argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub', 'RdescudvJCsgt3ub'],
      ['pbkdf2_sha256$260000$abcsalt$Zm9vYmFyYmF6cXV4', 'pbkdf2_sha256$260000$abcsalt$Zm9vYmFyYmF6cXV4'],
      ['    secret $M$Zz$Ab3dEfGh1j==', '$M$Zz$Ab3dEfGh1j=='],
      ['secret "$9$abcdEFGH0123456789"', '$9$abcdEFGH0123456789'],
      [
        "mysql_native_password AS '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4'",
        '*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4',
      ],
      [`PasswordHash: AQAAAAEAACcQAAAAEJ${'Ab3d'.repeat(14)}==`, `AQAAAAEAACcQAAAAEJ${'Ab3d'.repeat(14)}==`],
      ['SCRAM-SHA-256$4096:c2FsdA==$Zm9vYmFy:YmFyYmF6', 'Zm9vYmFy:YmFyYmF6'],
    ],
    negative: [
      'SCRAM-SHA-256 is offered',
      'costs $7$ or $9',
      '{SHA} and {SSHA} are schemes',
      'mysql_native_password is deprecated',
      'echo $8$9',
    ],
  },
  {
    // Long-term keys of Kerberos: secretsdump, klist -K, ktutil, mimikatz; and Rubeus' options.
    name: 'kerberos-key',
    pattern: new RegExp(
      `(?:\\b(?:aes(?:128|256)[-_](?:cts[-_])?hmac(?:[-_]sha1[-_]96|[-_]sha(?:256|384)[-_](?:128|192))?|des[-_]cbc[-_](?:md5|crc)|des3[-_]cbc[-_]sha1|arcfour[-_]hmac|rc4[-_]hmac(?:[-_](?:nt|old))?(?:[-_]exp)?|rc4[-_]md4)\\)?[ \\t:]{1,12}(?:\\(\\d+\\)[ \\t:]{1,4})?|/(?:rc4|aes128|aes256|des|ntlm)[:=]|\\bkeysize[ \\t]+\\d{1,3}:?[ \\t]+(?:\\(0x[0-9a-f]+\\)[ \\t]+)?|\\b(?:plain_password_hex|dpapi_(?:machine|user)key|NL\\$KM|NL\\$KM_history)[ \\t]?:[ \\t]?)\\(?${unmarked}(?<secret>(?:0x)?[0-9a-f]{16,2048})(?![0-9a-z])`,
      'gi',
    ),
    hints: [
      ...['aes256-cts', 'aes128-cts', 'aes256_cts', 'aes128_cts', 'aes256_hmac', 'aes128_hmac', 'des-cbc-', 'des_cbc_'],
      ...[
        'des3-cbc',
        'arcfour-hmac',
        'rc4_hmac',
        'rc4-hmac',
        'rc4_md4',
        '/rc4:',
        '/aes128:',
        '/aes256:',
        '/ntlm:',
        '/rc4=',
      ],
      ...['keysize', 'password_hex', 'dpapi_machinekey', 'dpapi_userkey', 'nl$km'],
    ],
    positive: [
      ['krbtgt:aes128-cts-hmac-sha1-96:0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef'],
      [
        '  2 bob@X (aes256-cts-hmac-sha1-96)  (0x0123456789abcdef0123456789abcdef)',
        '0x0123456789abcdef0123456789abcdef',
      ],
      ['    aes256_hmac       (4096) : 0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef'],
      ['Rubeus.exe asktgt /rc4:0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef'],
      ['dpapi_machinekey:0x0123456789abcdef0123456789abcdef01234567', '0x0123456789abcdef0123456789abcdef01234567'],
    ],
    negative: [
      'Etype (skey, tkt): aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96',
      'ticket encryption type arcfour-hmac is disabled',
      'keysize 256 bits',
    ],
  },
  {
    // LDIF (RFC 2849): two colons say that the value is base64.
    name: 'ldif-secret',
    pattern: new RegExp(
      `\\b(?:userPassword|unicodePwd|supplementalCredentials|ntPwdHistory|lmPwdHistory|dBCSPwd|msDS-ManagedPassword|msLAPS-Encrypted[A-Za-z]+|msFVE-KeyPackage|krbPrincipalKey|sambaNTPassword|sambaLMPassword|olcRootPW)::?[ \\t]+${unmarked}(?<secret>[^ \\t\\r\\n]{4,})`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [
      'userpassword:',
      'unicodepwd:',
      'lcredentials',
      'pwdhistory',
      'dbcspwd:',
      'dpassword',
      'mslaps-enc',
      'msfve-key',
      'krbprincipalkey',
      'sambantpassword',
      'sambalmpassword',
      'olcrootpw',
    ],
    positive: [
      ['userPassword:: e1NTSEF9VzZwaDVNbTVQ', 'e1NTSEF9VzZwaDVNbTVQ'],
      ['unicodePwd:: IgBoAHUAbgB0AGUAcgAyACIA', 'IgBoAHUAbgB0AGUAcgAyACIA'],
      ['sambaNTPassword: 0123456789ABCDEF0123456789ABCDEF', '0123456789ABCDEF0123456789ABCDEF'],
    ],
    negative: ['userPassword: ', 'the attribute unicodePwd: not set'],
  },
];
