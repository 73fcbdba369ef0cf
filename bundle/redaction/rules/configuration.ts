import { isSecretValue, quote, type RedactionRule, secretName, unmarked } from '../rule.ts';
import { mixedWord } from './command-argument.ts';

/** A name of secrets, as variables have it. */
const variable = `[A-Za-z0-9_.-]{0,60}(?:${secretName}|_pass|_pw)`;

/** Where a line begins and ends: in a file, behind a log's prefix, in a string of JSON. */
const begin = '(?:^|[">]|\\]:[ ])[ \\t]{0,40}';
const end = '(?:[\\r\\n"<]|$)';
/** In quotes, which may be escaped. */
const text = `\\\\{0,3}"[^"\\r\\n]{1,256}"`;

/** What stands before a secret behind a blank, in the configuration of one program. */
const beforeBlank = [
  // Apache, nginx, shells of csh.
  `\\b(?:SetEnv|fastcgi_param|uwsgi_param|passenger_env_var)[ \\t]{1,40}${quote}?${variable}${quote}?[ \\t]{1,40}`,
  `${begin}ProxyPassword[ \\t]{1,40}`,
  // Bind, dhcpd, DRBD: the semicolon ends it.
  `\\b(?:shared-secret|secret|passphrase)[ \\t]{1,40}(?=${text}[ \\t]{0,8};)`,
  `(?:${begin}|[{;][ \\t]{1,8})(?:shared-secret|secret)[ \\t]{1,40}(?=[^ \\t\\r\\n;"'{}]{4,256};)`,
  // Nothing else on the line.
  `${begin}(?:password|passwd|passphrase|secret|shared-secret|psk)[ \\t]{1,40}(?=${text}[ \\t]*${end})`,
  // ipsec.secrets.
  `:[ \\t]{1,8}(?:EAP|XAUTH|NTLM|PIN|(?:RSA|ECDSA|PKCS8|PKCS12|P12)[ \\t]{1,8}[^ \\t\\r\\n"]{1,200})[ \\t]{1,8}(?=${text}[ \\t]*${end})`,
  // `elasticsearch-setup-passwords`; and account and password as one, with a slash.
  `${begin}PASSWORD[ ]{1,4}[A-Za-z0-9_.-]{1,64}[ ]{1,4}=[ ]{1,4}`,
  `\\b(?:credentials?|user(?:name)?[ ]?/[ ]?pass(?:word)?)[ ]{0,4}[:=][ ]{0,4}[A-Za-z0-9._\\\\@-]{1,64}[ ]?/[ ]?(?=${mixedWord})`,
  // Scripts of expect.
  `\\bsend(?:_user)?[ \\t]{1,4}(?:--?[a-z]{0,4}[ \\t]{1,4}){0,2}(?=\\\\{0,3}"(?=[^"\\r\\n]{0,64}\\d)(?=[^"\\r\\n]{0,64}[A-Za-z])[^"\\\\ \\t\\r\\n]{6,64}\\\\{1,4}[rn]\\\\{0,3}")`,
  // Galera, squid, Nagios' macros, dovecot, headers that a proxy or a client adds.
  `sst_auth[ \\t]{0,8}=[ \\t]{0,8}${quote}?[^: \\t\\r\\n"']{1,64}:`,
  `${begin}cache_peer[ \\t][^\\r\\n]{1,200}[ \\t]login=[^: \\t\\r\\n]{1,64}:`,
  `${begin}\\$USER\\d{1,3}\\$[ \\t]{0,8}=[ \\t]{0,8}(?![/ \\t])`,
  `(?<![A-Za-z])dnpass[ \\t]{0,8}=[ \\t]{0,8}`,
  `\\b(?:proxy_set_header|RequestHeader[ \\t]{1,8}set|grpc_set_header)[ \\t]{1,8}${quote}?X-[A-Za-z-]{0,40}(?:key|token|secret)${quote}?[ \\t]{1,8}(?!\\$|"\\$)`,
  // qemu's objects, syslog-ng's calls.
  `-object[ \\t]{1,8}secret,[^ \\t\\r\\n]{0,100}\\bdata=`,
  `(?:^|[ \\t({"])password\\([ \\t]{0,4}(?=\\\\{0,3}["'][^"'\\r\\n]{1,128}["'][ \\t]{0,4}\\))`,
  // Postfix's passwords of relays.
  `${begin}\\[[A-Za-z0-9.-]{1,253}\\](?::[a-z0-9]{1,12})?[ \\t]{1,40}[^: \\t\\r\\n]{1,128}:(?=[^ \\t\\r\\n"]{1,128}[ \\t]*${end})`,
];

/** Secrets of configuration files whose form is a program's own. */
export const configurationRules: readonly RedactionRule[] = [
  {
    name: 'configured-secret',
    pattern: new RegExp(
      `(?:${beforeBlank.join('|')})${unmarked}(?<secret>\\\\{0,3}"[^"\\r\\n]+"|'[^'\\r\\n]+'|(?!\\\\{1,3}")[^ \\t\\r\\n;"']{3,})`,
      'gim',
    ),
    accept: isSecretValue,
    hints: [
      ...['setenv ', 'fastcgi_param ', 'uwsgi_param ', 'passenger_env_var ', 'xypassword'],
      ...[
        'secret "',
        'secret \\"',
        'secret ',
        'secret\t',
        ...['passphrase', 'password', 'passwd', 'psk', ': eap', ': xauth'].flatMap((name) => [
          `${name} "`,
          `${name} \\"`,
        ]),
      ],
      ...['ntlm "', ' pin "', ' rsa ', ': ecdsa ', 'pkcs8 ', 'pkcs12 ', ' p12 '],
      ...['t_auth', 'he_peer ', '$user#$', '$user##$', 'dnpass', 't_header x-', 'set x-', 'secret,id='],
      'password(',
      ...[
        'credentials: ',
        'credentials = ',
        'user/pass',
        'username/pass',
        'user / pass',
        'send "',
        'send \\"',
        'send -- "',
      ],
      ...['elastic', 'kibana', 'kibana_system', 'logstash_system', 'beats_system', 'apm_system'].map(
        (name) => `password ${name} =`,
      ),
      ...[']:587', ']:465', ']:submission', '[smtp'],
    ],

    positive: [
      ['SetEnv DB_PASSWORD hunter2', 'hunter2'],
      ['{"m":"ProxyPassword hunter"}', 'hunter'],
      ['{"m":"shared-secret \\"hunter zebra\\";"}', 'hunter zebra'],
      ['{"m":"PASSWORD \\"hunter zebra\\""}', 'hunter zebra'],
      ['{"m":"bob : EAP \\"hunter\\""}', 'hunter'],
      ['{"m":"cache_peer p parent 3128 0 login=bob:hunter"}', 'hunter'],
      ['setenv DB_PASSWORD hunter2', 'hunter2'],
      ['    fastcgi_param DB_PASSWORD hunter2;', 'hunter2'],
      ['fastcgi_param "APP_SECRET" "hunter2 zebra";', '"hunter2 zebra"'],
      ['ProxyPassword hunter', 'hunter'],
      ['shared-secret "hunter2 zebra";', '"hunter2 zebra"'],
      ['cram-hmac-alg sha1; shared-secret hunter;', 'hunter'],
      ['key "rndc-key" { algorithm hmac-md5; secret "aHVudGVyMg=="; };', '"aHVudGVyMg=="'],
      ['  secret hunter;', 'hunter'],
      ['PASSWORD "hunter zebra"', '"hunter zebra"'],
      ['bob : EAP "hunter"', '"hunter"'],
      [': RSA key.pem "hunter zebra"', '"hunter zebra"'],
      ['PASSWORD elastic = Ab3dEfGh1j', 'Ab3dEfGh1j'],
      ['credentials: bob / hunter2', 'hunter2'],
      ['expect "assword:" { send "hunter2\\r" }', 'hunter2'],
      ['wsrep_sst_auth=bob:hunter', 'hunter'],
      ['cache_peer p parent 3128 0 login=bob:hunter', 'hunter'],
      ['$USER3$=hunter', 'hunter'],
      ['dnpass = hunter', 'hunter'],
      ['proxy_set_header X-Api-Key "hunter";', '"hunter"'],
      ['qemu -object secret,id=s0,data=hunter', 'hunter'],
      ['  destination d { smtp(password("hunter")); };', '"hunter"'],
      ['[smtp.example.com]:587 bob@example.com:hunter', 'hunter'],
    ],
    negative: [
      'SetEnv PATH /usr/bin',
      'fastcgi_param SCRIPT_FILENAME $document_root;',
      'the secret "x" was found',
      'let secret; secret is;',
      'usage: RSA keys : RSA key "a" and more',
      '[::1]:8080 a:b',
      '$USER1$=/usr/lib/nagios/plugins',
      'proxy_set_header X-Token-Name $x;',
      '[main]:12 ready: yes',
      'password "required"',
    ],
  },
  {
    // `Set-ItemProperty`, `reg query` and `reg add` of Windows' agent for SNMP: communities are names of values, or of keys.
    name: 'snmp-registry',
    pattern: new RegExp(
      `(?:ValidCommunities${quote}?[ \\t]{1,40}(?:(?:-[A-Za-z]{1,24}[ \\t]{1,8}[A-Za-z]{1,16}[ \\t]{1,8}){0,2}(?:/v|-Name)[ \\t]{1,8}|(?=[^ \\t\\r\\n]{1,255}[ \\t]{1,40}REG_))|TrapConfiguration\\\\{1,4}|\\\\{1,2}(?:Valid|Trap)Communities\\\\{1,4})${unmarked}(?<secret>"[^"\\r\\n]+"|'[^'\\r\\n]+'|[^ \\t\\r\\n"'\\\\\\]]+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['validcommunities', 'trapcommunities\\', 'trapconfiguration\\'],
    positive: [
      [
        'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SNMP\\Parameters\\ValidCommunities    hunter    REG_DWORD    0x4',
        'hunter',
      ],
      ['reg add HKLM\\SYSTEM\\x\\SNMP\\Parameters\\ValidCommunities /v hunter /t REG_DWORD /d 4', 'hunter'],
      ["New-ItemProperty 'HKLM:\\x\\ValidCommunities' -PropertyType DWord -Name hunter -Value 4", 'hunter'],
      ['[HKEY_LOCAL_MACHINE\\x\\SNMP\\Parameters\\TrapConfiguration\\hunter]', 'hunter'],
    ],
    negative: ['HKLM\\x\\SNMP\\Parameters\\ValidCommunities', 'the key ValidCommunities is empty'],
  },
  {
    // PowerShell's log of bindings is elsewhere; this is what deployments and their checks say in words.
    name: 'told-parameter',
    pattern: new RegExp(
      `(?:\\b(?:param(?:eter)?|argument|property|setting|variable|option|key|field|attribute)s?[ \\t:=]{1,4}(?:${quote}|\\[)?-{0,2}[A-Za-z0-9_.:-]{0,60}${secretName}(?:${quote}|\\])?(?:[,;]?[ \\t]{1,4}(?:(?:with|has|had|of)[ ](?:the[ ])?)?value(?:[ ](?:of|is|was))?[ \\t:=]{1,4}|[ \\t]{1,4}(?:(?:is|was|has[ ]been)[ ])?(?:set[ ]|changed[ ])?to[ \\t:]{1,4}(?=["'\\[]|${mixedWord}))\\[?|${secretName}[ ]property\\.[ ]Its[ ](?:current[ ])?value[ ]is[ ]|(?<=${secretName}[ ]property\\.[ ]Its[^\\r\\n]{1,200}\\.[ ])Its[ ]new[ ]value:[ ])${unmarked}(?<secret>\\\\{0,3}"[^"\\\\\\r\\n]+\\\\{0,3}"|'[^'\\r\\n]+'|(?<=\\[)[^\\[\\]\\r\\n]+(?=\\])|[^ \\t\\r\\n"',;\\[\\]\\\\]{3,})`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['password', 'passphrase', 'passwd', 'pwd', 'secret', 'token', 'credential'].flatMap((name) => [
      ...['', "'", '"', ']', '\\"', ','].flatMap((end) => [`${name}${end} value`, `${name}${end} with`]),
      ...['', "'", '"', ']', '\\"'].flatMap((end) => [
        `${name}${end} to`,
        `${name}${end} set to`,
        `${name}${end} is set`,
        `${name}${end} has `,
        `${name}${end} was `,
      ]),
      `${name}; value`,
      `${name} property. its`,
    ]),
    positive: [
      ["Parameter 'DeploymentUserPassword' value 'hunter'", "'hunter'"],
      ['Setting parameter [AdminPassword] to [hunter zebra]', 'hunter'],
      ['argument password with value hunter', 'hunter'],
      ['Param: --password, Value: hunter', 'hunter'],
      ["PROPERTY CHANGE: Adding SVCPASSWORD property. Its value is 'hunter zebra'.", "'hunter zebra'"],
      ["Modifying DBPWD property. Its current value is 'hunter'. Its new value: 'zebra'.", "'hunter'"],
      ["Modifying DBPWD property. Its current value is 'hunter'. Its new value: 'zebra'.", "'zebra'"],
      ['{"m":"parameter \\"AdminPassword\\" with value \\"hunter zebra\\""}', '\\"hunter zebra\\"'],
      ['the property sqlPassword was set to "hunter"', '"hunter"'],
    ],
    negative: [
      'parameter AdminPassword has the value null',
      'the option password was set to expire',
      "parameter 'MinPasswordLength' value '14'",
      'the argument token to the function',
      'key token with value missing',
    ],
  },
];
