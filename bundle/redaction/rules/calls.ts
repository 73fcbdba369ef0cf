import {
  entityQuote,
  inEntities,
  isSecretValue,
  quote,
  quoted,
  type RedactionRule,
  secretName,
  unmarked,
} from '../rule.ts';
import { argument } from './command-argument.ts';

/** A text in quotes, as they are, escaped, or in XML. */
const literal = `N?(?:${entityQuote})?${unmarked}(?<secret>${quoted}|${inEntities})`;
const between = `[ \\t]*,[ \\t]*`;
const other = `N?(?:${quote}[^"'&\\r\\n]{0,128}?${quote}|[A-Za-z0-9_.$]{1,64})`;

/** What stands before the secret in calls of .NET, PowerShell, SQL Server's procedures and scripts. */
const beforeLiteral = [
  `NetworkCredential(?:${quote})?(?:\\]::new)?[ \\t]*\\([ \\t]*${other}${between}`,
  `NetworkCredential[ \\t]+(?:-ArgumentList[ \\t]+)?${other}${between}`,
  `PSCredential${quote}?[ \\t]+-(?:ArgumentList|Args)[ \\t]+\\(?${other}${between}`,
  `PSCredential(?:\\]::new)?[ \\t]*\\([ \\t]*${other}${between}`,
  `\\b(?:set|with|change|reset|update|new)(?!UserPassword\\([ \\t]*${other}${between})[A-Za-z]{0,24}(?:password|passphrase)${quote}?(?:\\([ \\t]*|${between})`,
  `(?<=\\.)password\\([ \\t]*`,
  `\\b(?:change|update|set)UserPassword\\([ \\t]*${other}${between}`,
  `\\.auth\\([ \\t]*${other}${between}`,
  `(?<![A-Za-z0-9])(?:ldap_)?simple_bind(?:_s)?\\([ \\t]*(?:${quote}[^"'&\\r\\n]{0,128}?${quote}|[A-Za-z0-9_.$]{1,64})${between}`,
  `\\bSet-Secret[ \\t]+(?:-Name[ \\t]+)?${other}[ \\t]+(?=["'])`,
  `parameter[ ]${quote}[A-Za-z0-9_]{0,40}${secretName}${quote}\\.[ ]The[ ]argument[ ]`,
  `\\bsp_addlogin[ \\t]+${other}${between}`,
  `\\bsp_password[ \\t]+${other}${between}`,
  `\\bsp_addlinkedsrvlogin[ \\t]+(?:${other}${between}){4}`,
  `\\bOPENROWSET[ \\t]*\\([^\\r\\n]{0,160}?;[ \\t]*${other}[ \\t]*;[ \\t]*`,
  `\\bSET[ \\t]+PASSWORD[ \\t]+FOR[ \\t]+[^\\r\\n=]{1,100}=[ \\t]*`,
  `\\b(?:SetEnvironmentVariable|define|setenv|putenv|setProperty)[ \\t]*\\([ \\t]*${quote}[A-Za-z0-9_.-]{0,60}${secretName}${quote}${between}`,
  `(?<![A-Za-z0-9])(?=(?:"[^"\\r\\n]{1,256}"|'[^'\\r\\n]{1,256}'|\\\\"[^"\\r\\n]{1,256}\\\\")[ \\t]*\\|[ \\t]*ConvertTo-SecureString)`,
];
/** What stands before the password of a line of .netrc. */
const netrc = '(?:machine[ \\t]+[^ \\t\\r\\n]+|default)[ \\t]+(?:(?:login|account)[ \\t]+[^ \\t\\r\\n]+[ \\t]+){1,2}';
/** Letters and digits in one word that is no name of an algorithm, no date and no address. */
const mixed =
  '(?![0-9a-f]{8}-[0-9a-f]{4}-|0x|\\d{4}-\\d\\d-|(?:sha|md|aes|des|utf|base|pbkdf|v|hs|rs|es|http|tls|ssl|oauth|win|ntlm)-?\\d)(?=[^ \\t\\r\\n]*[0-9])(?=[^ \\t\\r\\n]*[A-Za-z])[^ \\t\\r\\n"\',;:=<>()\\[\\]{}/\\\\&%]{6,64}(?=[ \\t.,;"\'<\\r\\n|]|$)';

/** Secrets as arguments of calls, in scripts and in what they log. */
export const callRules: readonly RedactionRule[] = [
  {
    // .NET, PowerShell, SQL Server's procedures.
    name: 'credential-call',
    pattern: new RegExp(`(?:${beforeLiteral.join('|')})${literal}`, 'gi'),
    accept: isSecretValue,
    hints: [
      ...[
        'networkcredential',
        'pscredential',
        'sp_addlogin',
        'sp_password',
        'sp_addlinkedsrv',
        'enrowset',
        'set password for',
      ],
      ...['password(', 'passphrase(', 'password",', "password',", 'password\\",', 'password&quot;,'],
      'convertto-securestring',
      ...['setenvironmentvariable', 'ne(', 'setenv(', 'putenv(', 'setproperty('],
      ...['.auth(', 'le_bind', 'set-secret', 'rgument "', "rgument '", 'rgument &', 'rgument \\'],
    ],
    positive: [
      ['New-Object System.Net.NetworkCredential("bob","hunter2")', '"hunter2"'],
      ["New-Object -TypeName PSCredential -ArgumentList 'bob','hunter2'", "'hunter2'"],
      ['$user.SetPassword("hunter2 zebra")', '"hunter2 zebra"'],
      ['{"s":"$user.SetPassword(\\"hunter2\\")"}', '\\"hunter2\\"'],
      ['$o.psbase.Invoke("SetPassword","hunter2")', '"hunter2"'],
      ["EXEC sp_addlogin 'bob', 'hunter2'", "'hunter2'"],
      ["EXEC sp_addlinkedsrvlogin 'srv','false',NULL,'bob','hunter2'", "'hunter2'"],
      ['[Environment]::SetEnvironmentVariable("DB_PASSWORD","hunter2","Machine")', '"hunter2"'],
      ["$s = 'hunter2' | ConvertTo-SecureString -AsPlainText -Force", "'hunter2'"],
      ['("hunter2" | ConvertTo-SecureString -AsPlainText -Force)', '"hunter2"'],
      ["define('DB_PASSWORD', 'hunter2');", "'hunter2'"],
      ["SET PASSWORD FOR 'bob'@'%' = 'hunter2'", "'hunter2'"],
      ['db.changeUserPassword("bob", "hunter2")', '"hunter2"'],
      ['db.auth("bob", "hunter2")', '"hunter2"'],
      ['ldap.simple_bind_s("cn=x,dc=y", "hunter2")', '"hunter2"'],
      ["Set-Secret lcm 'hunter2'", "'hunter2'"],
      ['argument on parameter \'Password\'. The argument "hunter2" does not', '"hunter2"'],
    ],
    negative: [
      '$s | ConvertTo-SecureString -Key $k',
      'getPassword("name")',
      'user.setPassword(password)',
      "define('DB_HOST', 'localhost');",
      "ValidateSet('password', 'token')",
      'resetPassword() was called',
      'Cannot bind parameter \'Path\'. The argument "x1" is empty',
    ],
  },
  {
    // A blank where others have a sign: `setx NAME x`, `ENV NAME x`, `config set name x`, directives of configurations; and
    // lines of .pgpass.
    name: 'directive-value',
    pattern: new RegExp(
      `(?:(?:\\bsetx(?:\\.exe)?|(?:^|[">])[ \\t]*ENV|\\bconfig[ \\t]+set)[ \\t]+${quote}?[A-Za-z0-9_./:-]{0,80}(?:${secretName}|requirepass|masterauth|_auth|_pass)${quote}?[ \\t]+|(?:^|\\]:|[">])[ \\t]*(?:rootpw(?:[ \\t]+--(?:plaintext|iscrypted))?|bindpw|rootbindpw|requirepass|masterauth|login_pw|http_passwd|auth_pass|shared_key|insecure-password|AuthLDAPBindPassword|def(?:Auth|Priv)?Passphrase|(?:user[ \\t]+[^ \\t\\r\\n]{1,64}[ \\t]+)insecure-password|stats[ \\t]+auth[ \\t]+[^: \\t\\r\\n]{1,64}:|(?:[a-z]{1,16}_){1,4}(?:password|passphrase|secret))(?:[ \\t]+|(?<=auth[ \\t]+[^: \\t]{1,64}:))(?=[^ \\t\\r\\n"<=:][^ \\t\\r\\n"<]*(?:["<]|[ \\t]*;?[ \\t]*(?:[\\r\\n]|$))|${quote})|(?:^|[">]|\\]:[ ])(?:[A-Za-z0-9._-]{1,253}|\\*):(?:\\d{2,5}|\\*):[^: \\t\\r\\n]{1,64}:[^: \\t\\r\\n]{1,64}:(?=[^ \\t\\r\\n:"<\\\\]+(?:["<\\r\\n]|$)))${argument}`,
      'gim',
    ),
    accept: isSecretValue,
    hints: [
      ...['setx ', 'setx.exe', 'env ', 'ig set ', 'otpw ', 'ndpw ', 'otpw\t', 'ndpw\t', 'epass ', 'masterauth'],
      ...['n_pw ', '_password ', '_passphrase ', '_secret ', '_password\t', '_secret\t', ':5432:', ':*:*:', ':*:'],
      ...['p_passwd', 'auth_pass ', 'shared_key ', 'ure-password ', 'dpassword ', 'thpassph', 'ivpassph'],
      ...['fpassph', 's auth ', '_pass "'],
    ],
    positive: [
      ['setx DB_PASSWORD "hunter2 zebra" /M', '"hunter2 zebra"'],
      ['ENV DB_PASSWORD hunter2', 'hunter2'],
      ['npm config set //r/:_authToken hunter2', 'hunter2'],
      ['CONFIG SET requirepass hunter2', 'hunter2'],
      ['requirepass hunter2', 'hunter2'],
      ['masterauth "hunter2 zebra"', '"hunter2 zebra"'],
      ['rootpw --plaintext hunter2', 'hunter2'],
      ['bindpw hunter2', 'hunter2'],
      ['  ssl_key_password hunter2;', 'hunter2'],
      ['localhost:5432:shop:app:hunter2', 'hunter2'],
      ['*:*:*:postgres:hunter2', 'hunter2'],
      ['    HTTP_Passwd hunter2', 'hunter2'],
      ['    auth_pass hunter2', 'hunter2'],
      ['AuthLDAPBindPassword "hunter2 zebra"', '"hunter2 zebra"'],
      ['    stats auth admin:hunter2', 'hunter2'],
      ['defAuthPassphrase hunter2', 'hunter2'],
    ],
    negative: [
      'setx PATH C:\\tools',
      'ENV TOKEN_FILE /run/x',
      'npm config set registry https://x',
      '# requirepass foobared',
      '# masterauth <master-password>',
      'requirepass is not set',
      'the option db_password was changed',
      'rootpw --lock',
      'listening on localhost:5432: ready',
    ],
  },
  {
    // "with password x", `login bob password x`: a word that is no word of a language.
    name: 'password-word',
    pattern: new RegExp(
      `(?:\\b(?:password|passwd|passphrase|(?:kenn|pass)wort|mot[ ]de[ ]passe)(?:[ \\t]{1,8}|[ \\t]{1,4}->[ \\t]{1,4})|^[ \\t]*[A-Za-z0-9_.-]{0,60}${secretName}[ \\t]{2,60}(?=[^ \\t\\r\\n]+[ \\t]*$)|\\b(?:token|secret|(?:api|access|secret)[ _-]?key)[ \\t]{1,4}["'\`]?(?=(?:[A-Za-z+_=~]*\\d){2}[A-Za-z0-9+_=~]{0,512}(?<=[A-Za-z0-9+_=~]{24})(?:["'\`]|[ \\t\\r\\n.,;]|$)))${unmarked}(?<secret>(?<=(?:^|[ \\t">])${netrc}password[ \\t]{1,8})(?:\\\\{0,3}"(?:(?!\\\\{0,3}")[^\\r\\n])+\\\\{0,3}"|[^ \\t\\r\\n"<\\\\]+)|${mixed})`,
      'gim',
    ),
    accept: isSecretValue,
    hints: [
      ...['password ', 'passwd ', 'passphrase ', 'password\t', 'nnwort ', 'passwort ', 'passe '],
      ...[
        'token ',
        'secret ',
        'api key ',
        'api_key ',
        'apikey ',
        'access_key ',
        'access key ',
        'accesskey ',
        'secretkey ',
      ],
      ...['credential  ', 'secretkey\t', 'token\t', 'accountkey  ', 'storagekey  '],
    ],
    positive: [
      ['machine h login bob password hunter2', 'hunter2'],
      ['machine h login bob password onlyletters', 'onlyletters'],
      ['user set password Hunter2zebra for it', 'Hunter2zebra'],
      ['password\tHunter2zebra', 'Hunter2zebra'],
      ['neighbor x password Hunter2zebra', 'Hunter2zebra'],
      ['AdminPassword                  Hunter2$zebra', 'Hunter2$zebra'],
      ["Invalid token 'Ab3dEfGh1jKlMnOpQrStUvWx12'", 'Ab3dEfGh1jKlMnOpQrStUvWx12'],
      ['API key Ab3dEfGh1jKlMnOpQrStUvWx12 not found', 'Ab3dEfGh1jKlMnOpQrStUvWx12'],
    ],
    negative: [
      'Failed password for root from 127.0.0.1 port 22 ssh2',
      'password 2026-11-29T10:11:12Z expired',
      'password sha512 is the default',
      'password expires in 90d',
      'the machine will ask for a password again',
      'password field2=x',
      'default-token-x7k2p   kubernetes.io/service-account-token   3',
      'AdminPassword                  True',
      'the secret 12345678901234567890 and more',
      'token kube-system/default-token-x7k2p-0123456789',
      'Passwort wurde am 29.11.2026 gesetzt',
    ],
  },
];
