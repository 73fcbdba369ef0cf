import {
  entityQuote,
  inBytes,
  inEntities,
  isSecretValue,
  quote,
  quoted,
  type RedactionRule,
  rareSecretName,
  secretName,
  unmarked,
} from '../rule.ts';
import { quotedNames, rareWords, words } from './secret-words.ts';

/** A text in quotes, which may be escaped. */
const text = `\\\\{0,7}"(?:(?!\\\\{0,7}")[^\\r\\n])+\\\\{0,7}"`;
/** All of a list, which gets one mark. */
const list = `(?<=\\[[ \\t\\r\\n]{0,40})(?:${text}(?:[ \\t]{0,4},[ \\t]{0,4}${text}){0,64}|'[^'\\r\\n]+'(?:[ \\t]{0,4},[ \\t]{0,4}'[^'\\r\\n]+'){0,64})|(?<=\\[[ \\t]{0,4}${entityQuote})(?!\\[masked:)[^<>\\]\\r\\n]{1,2000}(?=${entityQuote}[ \\t]*\\])`;
/** Where a line ends, or its string. */
const end = '["\\r\\n]|$';
/** Colours of a terminal, as they are or as JSON, shells and rsyslog write their first character. */
const colours = '(?:(?:\\x1b|\\\\{1,3}u001b|\\\\(?:x1b|033|e)|#033)\\[[0-9;]{0,11}m){0,2}';
/** What stands between a name and its value; `::` is a namespace, or LDIF's sign for base64. */
const sign = `(?:=>|:=|->(?=[ \\t])|={1,3}|::(?=[ \\t])|:(?!:)|${inBytes('：')}|${inBytes('＝')}|\\\\{1,3}u003d)`;
/** A value up to where its syntax ends: quotes (also escaped ones, and those of XML), blanks, separators. */
const value = `(?:(?:bearer|basic|token|!!str)[ \\t]+)?(?:(?:[NBRU]{1,2}|\\$)(?=\\\\{0,7}["']|${entityQuote})|(?:Some|String|SecureString|Secret|Just|MD5|SHA\\d{1,3}|PASSWORD|ENCRYPT|CRYPT)\\([ ]?(?=${quote})|string\\(\\d{1,5}\\)[ ](?=${quote})|hex(?:\\([0-9a-f]{1,2}\\))?:(?=[0-9a-f]{2}(?:,|${end}))|\\{(?:noop|plain|cleartext)\\})?(?!hex(?:\\([0-9a-f]{1,2}\\))?:\\[masked:)(?:${entityQuote})?(?:\\[(?=[^\\[\\] \\t\\r\\n"',;=:]{4,64}\\]))?${unmarked}(?<secret>${list}|${quoted}|${inEntities}|(?<=hex(?:\\([0-9a-f]{1,2}\\))?:)[0-9a-f]{2}(?:,[0-9a-f]{2})*|\\{[^{}\\r\\n"', \\t:=]+\\}|(?!["'{\\[\\\\])[^ \\t\\r\\n"',;&<>)}\\]\\x1b]+)`;
/** A path to a file that holds a key is no key. */
const noKeyFile = `(?!${quote}?(?:/|\\.{1,2}/|~/|[A-Z]:[\\\\/])[A-Za-z0-9_./\\\\ :~-]{1,200}\\.(?:pem|key|p8|pk8|der|pfx|p12|ppk)(?![A-Za-z0-9]))`;
/** key=value, key: value, JSON (also escaped inside a string), YAML, INI; quoted values whole. */
const named = (name: string): RegExp =>
  new RegExp(
    `${name}\\d{0,2}${colours}${quote}?${colours}(?:\\]|\\}|%5D|\\[\\d{0,3}\\]|[ \\t]\\([^()\\r\\n]{1,30}\\))?${quote}?[ \\t.]{0,40}${colours}${sign}[ \\t]{0,4}${colours}${noKeyFile}(?:\\[[ \\t\\r\\n]{0,40}(?=${quote}))?${value}`,
    'gi',
  );
/** `lautet`, `a été changé en` … behind a password's name. */
const foreignVerbs = inBytes(
  'lautet:?|ist:?|wurde auf|geändert (?:in|zu)|(?:ändern|festlegen|eingeben|bestätigen):|est:?|es:?|è|é',
);
/** What `netsh wlan` calls a key in other languages of Windows. */
const keyContent = inBytes(
  'Schlüsselinhalt|Contenu de la clé|Contenido de la clave|Contenuto chiave|Conteúdo da [Cc]have|Sleutelinhoud|Содержимое ключа|Содержание ключа|主要なコンテンツ|キー コンテンツ|关键内容|Zawartość klucza|Treść klucza|Nyckelinnehåll|Nøgleindhold|Obsah klíče|Anahtar İçeriği',
);
/** Secrets by the name of their field: key=value, JSON, YAML, XML, INI, registry dumps, name/value pairs. */
export const fieldRules: readonly RedactionRule[] = [
  {
    name: 'connection-string',
    // Up to the next `;`, quote or the end of the line; the final `;` may be missing. Bounded: a line of nothing but
    // `password=` would be walked to its end from each of them.
    pattern: new RegExp(
      `(?<=[;"'= \\t\\n>]|^)(?:password|pwd(?!=/)|accountkey|sharedaccesskey|sharedsecretvalue|access[ ]?key|user[ ]?password)[ ]?=[ ]?${unmarked}(?:\\{(?=[^{}\\r\\n]+\\}))?(?<secret>"[^"\\r\\n]+"|'[^'\\r\\n]+'|(?<=\\{)[^{}\\r\\n]+(?=\\})|[^ \\t;"'\\r\\n<>&][^;"'\\r\\n<>]{0,511}?)(?=;|["'<>}\\r\\n]|$)(?<=(?:;|server=|source=|endpoint=|accountname=|database=|catalog=|user id=|uid=|host=)[^\\r\\n]{0,400})`,
      'gim',
    ),
    accept: isSecretValue,
    hints: [
      'password=',
      'password =',
      'pwd=',
      'pwd =',
      'accountkey',
      'sharedaccesskey',
      'sharedsecret',
      'access key',
      'accesskey',
    ],
    positive: [
      ['Server=db;User Id=sa;Password=p@ss w0rd;Encrypt=true', 'p@ss w0rd'],
      ['Server=db;Database=x;Pwd=hunter2', 'hunter2'],
      [
        'AccountName=a;AccountKey=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4==;EndpointSuffix=x',
        'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4==',
      ],
      ['Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=abc123def456=', 'abc123def456='],
      ['Driver={ODBC Driver 17};Server=x;UID=sa;PWD={hunter2;zebra};', 'hunter2;zebra'],
    ],
    negative: ['Server=db;Integrated Security=true', 'Driver={ODBC Driver 17};Server=x;Trusted_Connection=yes;'],
  },
  {
    // `<add key="Password" value="x"/>`, {"name":"DB_PASSWORD","value":"x"}, `- name: X_TOKEN` / `value: x`, and the
    // registry's `/v DefaultPassword /t REG_SZ /d x`.
    name: 'name-value-pair',
    pattern: new RegExp(
      `(?:<[A-Za-z0-9_:.-]{0,40}(?:password|passwd|passphrase|secret)[ \\t]+(?:[^<>]{0,100}[ \\t])?value=|${secretName}${quote}[ \\t]{0,4}:[ \\t\\r\\n]{0,40}\\{[ \\t\\r\\n]{0,40}(?:${quote}[A-Za-z_]{1,20}${quote}[ \\t]{0,4}:[ \\t]{0,4}(?:${quote}[A-Za-z]{1,24}${quote}|[a-z0-9]{1,8}),[ \\t\\r\\n]{0,40}){0,2}${quote}(?:value|data|text|plaintext)${quote}[ \\t]{0,4}:[ \\t]{0,4}|(?:name|key|parameter|property|setting)${quote}?[ \\t]{0,4}[:=][ \\t]{0,4}${quote}?(?:[A-Za-z0-9_.:-]{0,60}${secretName}|[A-Za-z0-9_.-]{0,60}(?<=[_-])pass|[A-Za-z0-9_.:-]{0,60}app_?key|(?:proxy-)?authorization|(?:set-)?cookie|JSESSIONID|connect\\.sid|PHPSESSID|ASP\\.NET_SessionId)${quote}?[ \\t,;\\r\\n]{1,40}(?:${quote}?(?:type|serializeas|slotsetting)${quote}?[ \\t]{0,4}[:=][ \\t]{0,4}${quote}?[A-Za-z]{1,24}${quote}?[ \\t,;\\r\\n]{1,40})?${quote}?(?:value|data|text|val)${quote}?[ \\t]{0,4}[:=][ \\t]{0,4}|cs\\dLabel=[A-Za-z0-9_.-]{0,60}${secretName}[ ]cs\\d=|-Name[ \\t]+["']?[A-Za-z0-9_.:-]{0,60}${secretName}["']?[ \\t]+(?:-[A-Za-z]+[ \\t]+[A-Za-z]+[ \\t]+)?-Value[ \\t]+|ItemProperty[ \\t]+(?:-[A-Za-z]+[ \\t]+)?["'][^"'\\r\\n]{1,200}["'][ \\t]+["']?[A-Za-z0-9_.-]{0,60}${secretName}["']?[ \\t]+(?=["'])|/v[ \\t]+["']?[A-Za-z0-9_.:-]{0,60}${secretName}["']?[ \\t]+(?:/t[ \\t]+REG_[A-Z_]+[ \\t]+)?/d[ \\t]+|(?:${secretName}|proxypass)[A-Za-z0-9]{0,8}[ \\t]+REG_[A-Z_]+[ \\t]+)${value}`,
      'gi',
    ),
    accept: isSecretValue,
    needs: ['val', 'Val', 'VAL', 'ata', 'DATA', 'ext', 'TEXT', '/d', '/D', 'REG_', 'reg_', 'ItemProp', 'Label='],
    hints: [
      ...words,
      ...[
        '_pass\n',
        '_pass\r',
        "_pass'",
        '_pass"',
        'ypass ',
        'rization"',
        'cookie"',
        'onid"',
        't.sid"',
        'appkey"',
        'app_key"',
        'ssid"',
      ],
    ],
    positive: [
      ['<add key="DbPassword" value="hunter2"/>', '"hunter2"'],
      ['<PASSWORD value="hunter2"/>', '"hunter2"'],
      ['{"name":"DB_PASSWORD","value":"hunter2"}', '"hunter2"'],
      ['- name: API_TOKEN\n  value: hunter2', 'hunter2'],
      ['reg add HKLM\\x /v DefaultPassword /t REG_SZ /d hunter2 /f', 'hunter2'],
      ['    DefaultPassword    REG_SZ    hunter2', 'hunter2'],
      ['Set-ItemProperty -Name DefaultPassword -Value hunter2', 'hunter2'],
      ['{"name":"adminPassword","type":"secureString","value":"hunter2"}', '"hunter2"'],
      ['{\n  "name": "adminPassword",\n  "type": "secureString",\n  "value": "hunter2"\n}', '"hunter2"'],
      ['{"password":{"value":"hunter2"}}', '"hunter2"'],
      [
        '{&quot;name&quot;:&quot;adminPassword&quot;,&quot;type&quot;:&quot;secureString&quot;,&quot;value&quot;:&quot;hunter2&quot;}',
        'hunter2',
      ],
      ['"adminPassword": {\n  "value": "hunter2"\n}', '"hunter2"'],
      ['{"body":"{\\"password\\":{\\"value\\":\\"hunter2\\"}}"}', '\\"hunter2\\"'],
      ['{"adminPassword":{"type":"String","value":"hunter2"}}', '"hunter2"'],
      ['{"Password":{"Length":7,"Value":"hunter2"}}', '"hunter2"'],
      ['  - name: DB_PASS\n    value: hunter2\n', 'hunter2'],
      ['{"name":"authorization","value":"Basic aHVudGVyMg=="}', 'aHVudGVyMg=='],
      ['{"name": "JSESSIONID", "value": "0123456789ABCDEF"}', '"0123456789ABCDEF"'],
      ["Set-ItemProperty 'HKLM:\\x\\Winlogon' DefaultPassword 'hunter2'", "'hunter2'"],
      ['    SecurityPasswordAES    REG_BINARY    0123456789ABCDEF', '0123456789ABCDEF'],
    ],
    negative: [
      '{"password":{"type":"String","value":null}}',
      "Set-ItemProperty 'HKLM:\\x' PasswordAge 'x'",
      '<add key="Name" value="x"/>',
      '{"name":"PASSWORD_FILE","value":"/run/x"}',
      '{"password":{"minLength":14}}',
      '{"name":"adminPassword","type":"secureString"}',
    ],
  },
  {
    // The same the other way round: {"value":"x","name":"adminPassword"}, `<add value="x" key="ApiKey"/>`.
    name: 'value-name-pair',
    pattern: new RegExp(
      `(?<=[ \\t{,"'\\\\])val(?:ue)?\\\\{0,3}["']?[ \\t]{0,4}[:=][ \\t]{0,4}${unmarked}(?<secret>\\\\{0,3}"(?:(?!\\\\{0,3}")[^\\r\\n]){1,512}\\\\{0,3}")(?=[ \\t,\\r\\n]{1,40}\\\\{0,3}["']?(?:name|key)\\\\{0,3}["']?[ \\t]{0,4}[:=][ \\t]{0,4}\\\\{0,3}["'][A-Za-z0-9_.:-]{0,60}${secretName}\\\\{0,3}["'])`,
      'gi',
    ),
    accept: isSecretValue,
    needs: ['val', 'Val', 'VAL'],
    hints: quotedNames,
    positive: [
      ['{"value":"hunter2","name":"adminPassword"}', '"hunter2"'],
      ['<add value="hunter2" key="ApiKey"/>', '"hunter2"'],
      ['{"b":"{\\"value\\":\\"hunter2\\",\\"name\\":\\"adminPassword\\"}"}', '\\"hunter2\\"'],
    ],
    negative: ['{"value":"x","name":"PASSWORD_FILE"}', '{"value":"x","name":"count"},{"name":"a"}'],
  },
  {
    name: 'password',
    pattern: named(secretName),
    accept: isSecretValue,
    hints: words,
    positive: [
      ['password=hunter2', 'hunter2'],
      ['db.password: hunter2', 'hunter2'],
      ['{"user":"x","password":"hun\\"ter2","x":1}', '"hun\\"ter2"'],
      ['{"log":"{\\"password\\":\\"hunter2\\"}"}', '\\"hunter2\\"'],
      ["client_secret = 'abc def'", "'abc def'"],
      ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG', 'wJalrXUtnFEMI/K7MDENG'],
      ['API_KEY=abcdef', 'abcdef'],
      ['GET /x?token=abcdef&y=1', 'abcdef'],
      ['DefaultPassword : hunter2', 'hunter2'],
      ['psk="hunter2"', '"hunter2"'],
      ['{"password":["hunter2"]}', '"hunter2"'],
      ['{"passwords": ["hunter2", "zebra77"]}', '"hunter2", "zebra77"'],
      ['{"b":"{\\"password\\":[\\"hunter2\\"]}"}', '\\"hunter2\\"'],
      ['"password": [\n  "hunter2"\n]', '"hunter2"'],
      ['{&quot;password&quot;:[&quot;hunter2&quot;,&quot;zebra&quot;]}', 'hunter2&quot;,&quot;zebra'],
      ["CREATE LOGIN app WITH PASSWORD = N'hunter2'", "'hunter2'"],
      ['{"level":"info","password":"hunter2 zebra', '"hunter2 zebra'],
      ['{"b":"{\\"password\\":\\"hunter2 zebra","n":1}', '\\"hunter2 zebra'],
      ["password='hunter2 zebra", "'hunter2 zebra"],
      ['password=$ecret99Zebra', '$ecret99Zebra'],
      ['password={hunter2Zebra}', '{hunter2Zebra}'],
      ['<Data>WITH PASSWORD = N&apos;hunter2 zebra&apos;</Data>', 'hunter2 zebra'],
      ['<Data>password=&quot;hunter2 zebra&quot;</Data>', 'hunter2 zebra'],
      ['&quot;password&quot;:&quot;hunter2&quot;', 'hunter2'],
      ['{"Message":"{\\u0022password\\u0022:\\u0022hunter2\\u0022}"}', 'hunter2'],
      ['{"a":"{\\"b\\":\\"{\\\\\\"c\\\\\\":{\\\\\\"password\\\\\\":\\\\\\"hunter2\\\\\\"}}\\"}"}', 'hunter2'],
      ['password=\x1b[31mhunter2\x1b[0m', 'hunter2'],
      ['#033[1mpassword#033[0m: #033[32m"hunter2"#033[0m', '"hunter2"'],
      ['{"log":"password: \\u001b[32mhunter2\\u001b[0m"}', 'hunter2'],
      ['"DefaultPassword"=hex(1):68,00,75,00,6e,00', '68,00,75,00,6e,00'],
      ["SET pwd = MD5('hunter2')", "'hunter2'"],
      ['["password"]=> string(7) "hunter2"', '"hunter2"'],
      ["$password1 = 'hunter2'", "'hunter2'"],
      // UTF-8 as latin1: the second byte of "à" is 0xA0, which \s would take for a space.
      ['password=caf\u00c3\u00a0x', 'caf\u00c3\u00a0x'],
    ],
    negative: [
      'password required',
      'Failed password for root from 127.0.0.1 port 22 ssh2',
      'password=%DB_PASSWORD%',
      'token: null',
      'keyboard: us',
      'the token is expired',
      'PublicKeyToken=b77a5c561934e089',
      '{"password":[]}',
      '{"token":[1,2]}',
      'password=$DB_PASSWORD',
      'password={password}',
      'token=0x3e7',
      'token: TOKEN_QUERY',
      'private_key: /etc/ssl/private/x.key',
      'privateKey=C:\\keys\\x.pem',
      'passwd: files systemd',
      'secret=created',
      '%sudo ALL=(ALL) NOPASSWD:ALL',
      '$secret = Get-Secret -Name lcm -AsPlainText',
      '[PSCredential]::new($user, $secure)',
      'std::token::Type',
      'Private-Key: (256 bit)',
      'password = getpass()',
      'PublisherContentHash: fbbbfd0b983273dbfc30bcb497b88333',
      '<a accesskey="n" href="x">',
      'if (token === undefined) x',
      'passwd=$(getent passwd root)',
    ],
  },
  {
    // The same with names that few lines have, so that the others are spared them.
    name: 'rare-name',
    pattern: named(rareSecretName),
    accept: isSecretValue,
    hints: rareWords,
    positive: [
      ['Kennwort: hunter2', 'hunter2'],
      ['Benutzerkennwort = "hunter2 zebra"', '"hunter2 zebra"'],
      ['{"Passwort":"hunter2"}', '"hunter2"'],
      ['Mot de passe : hunter2', 'hunter2'],
      ['contrasena=hunter2', 'hunter2'],
      ['user=root pw=hunter2', 'hunter2'],
      ['{"m":"{\\"pw\\":\\"hunter2\\"}"}', '\\"hunter2\\"'],
      ['dbpass=hunter2', 'hunter2'],
      ['keystorePass="hunter2"', '"hunter2"'],
      ['<machineKey validationKey="0123456789ABCDEF" decryptionKey="AutoGenerate"', '"0123456789ABCDEF"'],
      ['JWT_SIGNING_KEY=hunter2', 'hunter2'],
      ['client-key-data: aHVudGVyMg==', 'aHVudGVyMg=='],
      ['API key: hunter2', 'hunter2'],
      ["$pass = 'hunter2'", "'hunter2'"],
      ['{"workspaceKey":"hunter2"}', '"hunter2"'],
      ['{"primaryKey":"Ab3dEfGh1jKlMnOpQrStUvWx12"}', '"Ab3dEfGh1jKlMnOpQrStUvWx12"'],
      ['routing_key: 0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef'],
      ['product key: VK7JG-NPHTM-C97JM-9MPGT-3V66T', 'VK7JG-NPHTM-C97JM-9MPGT-3V66T'],
    ],
    negative: [
      'Kennwort: abgelaufen',
      'Kennwort wurde geändert',
      'Passwort: ungültig',
      'pw=12.5 pw: 80W',
      'tests pass : all of them',
      'compass: north',
      'decryptionKey="AutoGenerate,IsolateApps"',
      'primaryKey: true',
      '{"primaryKey":"id","routing_key":"orders.created.v1"}',
      'session key: none, service_key=a_name_of_a_thing_without',
      'the master key: missing',
    ],
  },
  {
    name: 'url-encoded-secret',
    pattern: new RegExp(
      `(?:${secretName}|(?<=%(?:25)?(?:22|26|3f))p(?:ass|w))(?:%(?:25)?22)?(?:%(?:25)?3[ad])(?:%(?:25)?2[02])*${unmarked}(?<secret>(?:(?!%(?:25)?(?:26|22|20|3b|2c|0a|0d))[^ \\t\\r\\n&"';<>])+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['%3d', '%3a', '%253d', '%253a'],
    positive: [
      ['GET /r?u=%2Flogin%3Fuser%3Dx%26password%3Dhunter2%26y%3D1', 'hunter2'],
      ['body=%7B%22password%22%3A%22hunter2%22%7D', 'hunter2'],
      ['next=a%253Ftoken%253Dhunter2', 'hunter2'],
      ['%7B%22user%22%3A%22x%22%2C%22pass%22%3A%22hunter2%22%7D', 'hunter2'],
    ],
    negative: ['GET /x?a%3Db', 'password%3D&x=1'],
  },
  {
    // `netsh wlan show profile key=clear`.
    name: 'wlan-key',
    pattern: new RegExp(
      `(?:\\bKey Content|${keyContent})[ \\t]{0,40}:[ \\t]{0,4}${unmarked}(?<secret>[^ \\t\\r\\n][^\\r\\n]*)`,
      'gi',
    ),
    hints: [
      'key content',
      'sselinhalt',
      'contenu de la cl',
      'contenido de la clave',
      'contenuto chiave',
      'do da chave',
      'sleutelinhoud',
      ...[
        'жимое ключа',
        'жание ключа',
        '主要なコン',
        'キー コン',
        '关键内容',
        'klucza',
        'håll',
        'nøgleind',
        'klíče',
        'içeri',
      ].map(inBytes),
      inBytes('İçeri'),
    ],
    positive: [
      ['    Key Content            : hunter2 and more', 'hunter2 and more'],
      ['    Contenuto chiave       : hunter2 and more', 'hunter2 and more'],
    ],
    negative: ['Key Content :'],
  },
  {
    name: 'password-sentence',
    // "password is x", "password for bob: x"; "Temporary password: x" is the field rule's.
    pattern: new RegExp(
      `(?:\\b(?:password|passphrase|passwd|pwd|pin|(?:kenn|pass)wort|mot de passe|contrase[^ \\t]{1,2}a|senha)|${inBytes('(?:П|п)ароль')})(?:[ \\t]+(?:for|of|${inBytes('für')}|de|do)[ \\t]+(?:(?:account|user|the)[ \\t]+){0,2}["']?[^ \\t\\r\\n"':]{1,64}["']?(?=[ \\t]))?[ \\t]+(?:has[ \\t]+been[ \\t]+)?(?:is:?|to|was|was set to|set to|changed to|reset to|${foreignVerbs}|(?:for|is[ ]generated[ ]for|${inBytes('für|de|de l.utilisateur|del usuario|do usuário é|пользователя|домена')})[ \\t]+[^\\r\\n:,;"=]{1,60}?[ \\t]?(?<![0-9]):(?=[ \\t]+(?=[^ \\t\\r\\n]*\\d)(?=[^ \\t\\r\\n]*[A-Za-z])[^ \\t\\r\\n:/]{6,64}[ \\t]*(?:["<\\r\\n]|$)))[ \\t]*(?:now[ \\t]+)?${unmarked}(?<secret>"[^"\\r\\n]+"|'[^'\\r\\n]+'|(?=[^ \\t\\r\\n]*[0-9!@#$%^&*])[^ \\t\\r\\n"',;<>()]{4,})`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [
      'password is',
      'passphrase is',
      'password was',
      'set to',
      'changed to',
      'reset to',
      'nnwort ',
      'passwort ',
      'passe ',
      'contrase',
      'senha ',
      ...['password for ', 'password of ', 'passphrase for ', 'password is generated', inBytes('ароль ')],
    ],
    positive: [
      ['[sudo] password for root: hunter2', 'hunter2'],
      ['A temporary password is generated for root@localhost: hunter2', 'hunter2'],
      ["the password of root was set to 'hunter2'", "'hunter2'"],
      ['The password for account root has been set to: hunter2!', 'hunter2!'],
      ['the new password is hunter2!', 'hunter2!'],
      ['password changed to "Sommer2026"', '"Sommer2026"'],
      ['Das neue Kennwort lautet hunter2', 'hunter2'],
      ['Le mot de passe est hunter2', 'hunter2'],
      ['La contrasena es hunter2', 'hunter2'],
      ['the password was hunter2 before', 'hunter2'],
    ],
    negative: [
      'password is required',
      'password is expired since 2026',
      'password was set to expire',
      'Das Kennwort ist abgelaufen',
      'Failed password for root from ::1 port: 22',
      'password for root: expired in 90d',
      'password of root has been set to expire',
      'Das Kennwort wurde geändert',
    ],
  },
];
