import { isSecretValue, type RedactionRule, secretName, unmarked } from '../rule.ts';
import { words } from './secret-words.ts';

/** Brackets of XML, as they are, escaped, or within the JSON of some programs. */
const less = '(?:<|&(?:amp;)?lt;|\\\\{1,3}u003c)';
const greater = '(?:>|&(?:amp;)?gt;|\\\\{1,3}u003e)';

/** Secrets in elements of XML: answer files, group policy, event data, SOAP. */
export const xmlRules: readonly RedactionRule[] = [
  {
    name: 'xml-password',
    pattern: new RegExp(
      `${less}(?:[A-Za-z0-9]+:)?(?:[A-Za-z0-9_.-]{0,40}(?:password|passwd|pwd|kennwort|passwort|mot_?de_?passe|senha|secret|api-?key|product-?key|keymaterial|cpassword|privatekey|sharedkey)[A-Za-z0-9_.-]{0,20}|[A-Za-z0-9_.-]{0,40}(?:passphrase|(?<!publickey)token|(?:account|access|storage|encryption)[_-]?key)|pass|pw)(?:[ \\t](?:(?!${greater})[^<>]){0,200})?${greater}(?:[ \\t\\r\\n]*${less}PlainText${greater}(?:true|false)${less}/PlainText${greater})?(?:[ \\t\\r\\n]*${less}(?:Value|string|Key)${greater})?[ \\t\\r\\n]*(?:${less}!\\[CDATA\\[)?${unmarked}(?<secret>(?<=!\\[CDATA\\[)(?:(?!\\]\\]>)[^\\r\\n])+|(?!${less})[^<> \\t\\r\\n](?:(?!${less})[^<>])*)(?:\\]\\]${greater}[ \\t\\r\\n]*)?(?:${less}/|(?<=^[ \\t]{0,80}<[^<>]{1,80}>[ \\t\\r]{0,8}\\n[ \\t]{0,80}[^<> \\t\\r\\n]{1,200})(?=[ \\t\\r\\n]*$))`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [...words, 'sharedkey', 'nnwort', 'passwort', 'passe>', 'senha>', '<pw>', '<pass ', 'ctkey'],
    needs: ['</', 'lt;/', 'u003c/', 'u003C/', '>\n', '>\r\n'],
    positive: [
      ['<AdminPassword>hunter2</AdminPassword>', 'hunter2'],
      ['<keyMaterial>hunter2</keyMaterial>', 'hunter2'],
      ['<AdministratorPassword><Value>aHVudGVy</Value></AdministratorPassword>', 'aHVudGVy'],
      ['<sharedKey>hunter2</sharedKey>', 'hunter2'],
      ['<accessToken>hunter2</accessToken>', 'hunter2'],
      ['<passphrase>hunter2</passphrase>', 'hunter2'],
      ['<token type="x">hunter2</token>', 'hunter2'],
      ['<api-key>hunter2</api-key>', 'hunter2'],
      ['<AccountKey>hunter2</AccountKey>', 'hunter2'],
      ['<pass>hunter2</pass>', 'hunter2'],
      ['<Kennwort>hunter2</Kennwort>', 'hunter2'],
      ['<Password><![CDATA[hunter2 <zebra>]]></Password>', 'hunter2 <zebra>'],
      ['<Password><PlainText>true</PlainText><Value>hunter2</Value></Password>', 'hunter2'],
      ['<Password>\n  <PlainText>true</PlainText>\n  <Value>hunter2</Value>\n', 'hunter2'],
      ['<Password>\n  hunter2\n</Password>', 'hunter2'],
      ['<ProductKey><Key>VK7JG-NPHTM-C97JM-9MPGT-3V66T</Key></ProductKey>', 'VK7JG-NPHTM-C97JM-9MPGT-3V66T'],
      ['<Pass encoding="base64">aHVudGVyMg==</Pass>', 'aHVudGVyMg=='],
      ['&lt;Password&gt;hunter2&lt;/Password&gt;', 'hunter2'],
      ['&lt;Password&gt;&lt;![CDATA[hunter2]]&gt;&lt;/Password&gt;', 'hunter2'],
      ['&amp;lt;Password&amp;gt;hunter2&amp;lt;/Password&amp;gt;', 'hunter2'],
      ['{"x":"\\u003cPassword\\u003ehunter2\\u003c/Password\\u003e"}', 'hunter2'],
    ],
    negative: [
      '<PasswordExpired>false</PasswordExpired>',
      '<Password/>',
      '<publicKeyToken>b77a5c561934e089</publicKeyToken>',
      '<maxTokens>512</maxTokens>',
      '--user <user:password>\n  Specify the user name and password to use.\n',
      '<password>\n\n',
      '<Token>0x3e7</Token>',
      '<bypass>maybe</bypass>',
    ],
  },
  {
    // `<Data Name="Password">x</Data>`: event data, group policy, answer files.
    name: 'xml-named-value',
    pattern: new RegExp(
      `(?:<[A-Za-z:]{1,40}[ \\t][^<>]{0,200}?(?:name|key|id|(?<=[ \\t])n)=\\\\{0,3}["'][A-Za-z0-9_.:#-]{0,60}${secretName}\\\\{0,3}["'][^<>]{0,200}>|(?:[ \\t]N="Key"|<(?:name|key))>[A-Za-z0-9_.:-]{0,60}${secretName}</(?:S|name|key)>[ \\t\\r\\n]*<(?:S[ ]N="Value"|value|string)>)(?:[ \\t\\r\\n]*<(?:value|string)>)?(?:<!\\[CDATA\\[)?${unmarked}(?<secret>(?<=<!\\[CDATA\\[)(?:(?!\\]\\]>)[^\\r\\n])+|[^<>\\r\\n]+)(?:\\]\\]>)?</`,
      'gi',
    ),
    accept: isSecretValue,
    needs: ['</'],
    hints: words,
    positive: [
      ['<Data Name="Password">hunter2</Data>', 'hunter2'],
      ['<S N="Password">hunter2</S>', 'hunter2'],
      ['<Attribute Name="Users.2#Password">hunter2</Attribute>', 'hunter2'],
      ['<string name="api_key">hunter2</string>', 'hunter2'],
      ['<setting name="Password" serializeAs="String"><value>hunter2</value></setting>', 'hunter2'],
      ['<Data Name="Password"><![CDATA[hunter2]]></Data>', 'hunter2'],
      ['<En><S N="Key">password</S><S N="Value">hunter2</S></En>', 'hunter2'],
      ['  <S N="Key">AdminPassword</S>\n  <S N="Value">hunter2</S>\n', 'hunter2'],
      ['<member><name>password</name><value><string>hunter2</string></value></member>', 'hunter2'],
      ['<key>Password</key>\n<string>hunter2</string>', 'hunter2'],
    ],
    negative: ['<Data Name="PasswordLastSet">%%1794</Data>'],
  },
];
