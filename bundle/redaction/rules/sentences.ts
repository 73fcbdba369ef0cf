import { inBytes, isSecretValue, type RedactionRule, unmarked } from '../rule.ts';

/** `lautet`, `a été changé en` … behind a password's name. */
const foreignVerbs = inBytes(
  'lautet:?|ist:?|wurde auf|geändert (?:in|zu)|(?:ändern|festlegen|eingeben|bestätigen):|est:?|es:?|è|é',
);
/** What `netsh wlan` calls a key in other languages of Windows. */
const keyContent = inBytes(
  'Schlüsselinhalt|Contenu de la clé|Contenido de la clave|Contenuto chiave|Conteúdo da [Cc]have|Sleutelinhoud|Содержимое ключа|Содержание ключа|主要なコンテンツ|キー コンテンツ|关键内容|Zawartość klucza|Treść klucza|Nyckelinnehåll|Nøgleindhold|Obsah klíče|Anahtar İçeriği',
);
/** Secrets that a sentence or a label of one tool names, in the languages of Windows. */
export const sentenceRules: readonly RedactionRule[] = [
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
