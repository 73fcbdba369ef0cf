import { isSecretValue, quote, type RedactionRule, secretName, unmarked } from '../rule.ts';
import { value } from './field-value.ts';
import { quotedNames, words } from './secret-words.ts';

/** Secrets whose name stands in a value of its own, or in a list of settings: connection strings, name/value pairs, registry. */
export const pairRules: readonly RedactionRule[] = [
  {
    name: 'connection-string',
    // Up to the next `;`, quote or the end of the line; the final `;` may be missing. Bounded: a line of nothing but
    // `password=` would be walked to its end from each of them.
    pattern: new RegExp(
      `(?<=[;"'= \\t\\n>]|^)(?:password|pwd(?!=/)|accountkey|sharedaccesskey|sharedsecretvalue|access[ ]?key|user[ ]?password)[ ]?=[ ]?${unmarked}(?:\\{(?=[^{}\\r\\n]+\\}))?(?<secret>\\\\{1,7}"(?:(?!\\\\{1,7}")[^\\r\\n])+\\\\{1,7}"|"[^"\\r\\n]+"|'[^'\\r\\n]+'|(?<=\\{)[^{}\\r\\n]+(?=\\})|(?!\\\\{1,7}["'])[^ \\t;"'\\r\\n<>&][^;"'\\r\\n<>]{0,511}?)(?=;|["'<>}\\r\\n]|$)(?<=(?:;|server=|source=|endpoint=|accountname=|database=|catalog=|user id=|uid=|host=)[^\\r\\n]{0,400})`,
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
      ['{"m":"<network host=\\"h\\" password=\\"hunter2\\" port=\\"25\\"/>"}', 'hunter2'],
      ['{"m":"Server=h;Password=\\"hunter2;zebra\\";"}', 'hunter2;zebra'],
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
      `(?:<[A-Za-z0-9_:.-]{0,40}(?:password|passwd|passphrase|secret)[ \\t]+(?:[^<>]{0,100}[ \\t])?value=|${secretName}${quote}[ \\t]{0,4}:[ \\t\\r\\n]{0,40}\\{[ \\t\\r\\n]{0,40}(?:${quote}[A-Za-z_]{1,20}${quote}[ \\t]{0,4}:[ \\t]{0,4}(?:${quote}[A-Za-z]{1,24}${quote}|[a-z0-9]{1,8}),[ \\t\\r\\n]{0,40}){0,2}${quote}(?:(?:default_?)?value|data|text|plaintext)${quote}[ \\t]{0,4}:[ \\t]{0,4}|(?:name|key|parameter|property|setting)${quote}?[ \\t]{0,4}[:=][ \\t]{0,4}${quote}?(?:[A-Za-z0-9_.:#-]{0,60}${secretName}|[A-Za-z0-9_.-]{0,60}(?<=[_-])pass|[A-Za-z0-9_.:-]{0,60}app_?key|(?:proxy-)?authorization|(?:set-)?cookie|JSESSIONID|connect\\.sid|PHPSESSID|ASP\\.NET_SessionId)(?:${quote}?[ \\t,;\\r\\n]{1,40}|&)(?:${quote}?(?:type|serializeas|slotsetting)${quote}?[ \\t]{0,4}[:=][ \\t]{0,4}${quote}?[A-Za-z]{1,24}${quote}?[ \\t,;\\r\\n]{1,40})?${quote}?(?:value|data|text|val)${quote}?[ \\t]{0,4}[:=][ \\t]{0,4}|cs\\dLabel=[A-Za-z0-9_.-]{0,60}${secretName}[ ]cs\\d=|-Name[ \\t]+["']?[A-Za-z0-9_.:-]{0,60}${secretName}["']?[ \\t]+(?:-[A-Za-z]+[ \\t]+[A-Za-z]+[ \\t]+)?-Value[ \\t]+|ItemProperty[ \\t]+(?:-[A-Za-z]+[ \\t]+)?["'][^"'\\r\\n]{1,200}["'][ \\t]+["']?[A-Za-z0-9_.-]{0,60}${secretName}["']?[ \\t]+(?=["'])|/v[ \\t]+["']?[A-Za-z0-9_.:-]{0,60}${secretName}["']?[ \\t]+(?:/t[ \\t]+REG_[A-Z_]+[ \\t]+)?/d[ \\t]+|(?:${secretName}|proxypass)[A-Za-z0-9]{0,8}[ \\t]+REG_[A-Z_]+[ \\t]+)${value}`,
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
      ['"adminPassword":{"type":"securestring","defaultValue":"hunter"}', '"hunter"'],
      ['{"Name":"Users.2#Password","Value":"hunter"}', '"hunter"'],
      ['name=password&value=hunter', 'hunter'],
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
      `(?<=[ \\t{,"'\\\\])val(?:ue)?\\\\{0,3}["']?[ \\t]{0,4}[:=][ \\t]{0,4}${unmarked}(?<secret>\\\\{0,3}"(?:(?!\\\\{0,3}")[^\\r\\n]){1,512}\\\\{0,3}"|'[^'\\r\\n]{1,512}')(?=[ \\t,\\r\\n]{1,40}\\\\{0,3}["']?(?:name|key)\\\\{0,3}["']?[ \\t]{0,4}[:=][ \\t]{0,4}\\\\{0,3}["'][A-Za-z0-9_.:-]{0,60}${secretName}\\\\{0,3}["'])`,
      'gi',
    ),
    accept: isSecretValue,
    needs: ['val', 'Val', 'VAL'],
    hints: quotedNames,
    positive: [
      ['{"value":"hunter2","name":"adminPassword"}', '"hunter2"'],
      ['<add value="hunter2" key="ApiKey"/>', '"hunter2"'],
      ["<add value='hunter zebra' key='ApiKey'/>", "'hunter zebra'"],
      ['{"b":"{\\"value\\":\\"hunter2\\",\\"name\\":\\"adminPassword\\"}"}', '\\"hunter2\\"'],
    ],
    negative: ['{"value":"x","name":"PASSWORD_FILE"}', '{"value":"x","name":"count"},{"name":"a"}'],
  },
];
