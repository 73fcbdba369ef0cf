import { entityQuote, inEntities, isSecretValue, quote, type RedactionRule, unmarked } from '../rule.ts';

/** Windows' own programs on command lines: PowerShell's encoded commands, `net`. */
export const windowsCommandRules: readonly RedactionRule[] = [
  {
    // PowerShell takes any beginning of -EncodedCommand; the argument is UTF-16LE in base64.
    name: 'encoded-command',
    pattern:
      /(?:[ \t"';][-/](?:e|ec|en|enc|enco|encod|encode|encoded|encodedc[a-z]*|encodeda[a-z]*)(?:\\{0,3}["']|&(?:amp;)?(?:quot|#34);)?,?[ \t:]+(?:\\{0,3}["']|&(?:amp;)?(?:quot|#34);)?|FromBase64String\([ \t]*["']|\btype=(?:PROCTITLE|USER_CMD|EXECVE|TTY|USER_TTY)\b[^\r\n]{0,400}?(?:proctitle|cmd|data|a\d{1,3})=(?=(?:[0-9A-F]{2})+(?:[ \t\r\n]|$)))(?<secret>[A-Za-z0-9+/]{8,}={0,2})/gi,
    hints: [
      // Longer than they must be: two characters that stand everywhere make the scanner look everywhere.
      ...['e', 'ec', 'en'].flatMap((name) =>
        ['"', '\\"', "'"].flatMap((end) => [`-${name}${end} `, `-${name}${end},`]),
      ),
      '-e&',
      '-ec&',
      '-e ',
      '-ec ',
      '-en ',
      '-enc',
      '/enc',
      '/e ',
      '/ec ',
      'frombase64string',
      ...['title=', 'r_cmd', 'e=tty', 'r_tty'],
    ],
    nested: 'base64',
    positive: [
      [
        `powershell.exe -NoP -enc ${Buffer.from('net user svc Pa55w0rd! /add', 'utf16le').toString('base64')}`,
        Buffer.from('net user svc Pa55w0rd! /add', 'utf16le').toString('base64'),
      ],
      [
        `pwsh -EncodedCommand ${Buffer.from('$password = "hunter2"', 'utf16le').toString('base64')}`,
        Buffer.from('$password = "hunter2"', 'utf16le').toString('base64'),
      ],
      [
        `type=PROCTITLE msg=audit(1.1:1): proctitle=${Buffer.from('mysql\0-phunter2').toString('hex').toUpperCase()}`,
        Buffer.from('mysql\0-phunter2').toString('hex').toUpperCase(),
      ],
      ...[
        '"powershell" "-enc" "%"',
        '{"c":"\\"powershell\\" \\"-e\\" \\"%\\""}',
        '&quot;pwsh&quot; &quot;-enc&quot; &quot;%&quot;',
      ].map((form) => {
        const command = Buffer.from('net user svc Pa55w0rd! /add', 'utf16le').toString('base64');
        return [form.replace('%', command), command] as const;
      }),
    ],
    // auditd writes a title that holds zeros in hexadecimal digits.
    negative: [
      `type=PROCTITLE msg=audit(1.1:1): proctitle=${Buffer.from('ls\0-l').toString('hex').toUpperCase()}`,
      `powershell -enc ${Buffer.from('Get-Process', 'utf16le').toString('base64')}`,
      'grep -e something file',
    ],
  },
  {
    name: 'net-user',
    // `net user NAME PASSWORD`, `net use \\\\x PASSWORD /user:y`, also with the options first; `*` asks for it.
    pattern: new RegExp(
      `(?:\\bnet1?(?:\\.exe)?${quote}?[ \\t]+|\\bnet1?(?:\\.exe)?</Command>[ \\t\\r\\n]*<Arguments>|<Arguments>(?=use[ \\t]+(?:[A-Z]:[ \\t]+)?\\\\\\\\)|a0="[^" ]{0,200}\\bnet1?(?:\\.exe)?"[ ]a1="(?=user"))(?:user"[ ]a2="[^"\\r\\n]+"[ ]a3=(?!"/)|user[ \\t]+(?!(?:mode|configuration|accounts?|space)[ \\t])(?:\\\\{0,3}"[^"\\r\\n\\\\]+\\\\{0,3}"|${entityQuote}(?:(?!${entityQuote})[^<>"\\r\\n])+${entityQuote}|[^ \\t\\r\\n/"&]+)|use[ \\t]+(?:(?:[A-Z]:|\\*)[ \\t]+)?${quote}?(?:\\\\\\\\|https?://)[^ \\t\\r\\n"&]+${quote}?(?:[ \\t]+/[A-Z]+(?::${quote}?[^ \\t\\r\\n"&]+${quote}?)?)*)(?:(?<=a3=)|[ \\t]+)(?:${entityQuote})?${unmarked}(?<secret>\\\\{1,3}"(?:(?!\\\\{1,3}")[^\\r\\n])+\\\\{1,3}"|"[^"\\r\\n]+"|${inEntities}|(?!&)[^ \\t\\r\\n/*"|<>\\\\](?:(?!${entityQuote}|&(?:amp;)?[lg]t;)[^ \\t\\r\\n"<>])*)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['net user', 'net1 user', 'net.exe', 'net1.exe', 'net use', 'net  use', 'ts>use ', 'net" a1="user'],
    positive: [
      ['cmd /c net user svc Pa55w0rd! /add', 'Pa55w0rd!'],
      ['net use Z: \\\\srv\\share S3cret /user:dom\\svc', 'S3cret'],
      ['net use \\\\srv\\share /user:dom\\svc S3cret', 'S3cret'],
      ['net use * \\\\srv\\share /persistent:no /user:"dom\\svc" S3cret', 'S3cret'],
      ['{"c":"net use \\\\\\\\srv\\\\share /user:dom\\\\svc S3cret"}', 'S3cret'],
      ['net user "svc backup" S3cret /add', 'S3cret'],
      ['net use X: https://srv/dav /user:svc S3cret', 'S3cret'],
      ['<Command>net</Command><Arguments>use z: \\\\srv\\share S3cret /user:svc</Arguments>', 'S3cret'],
      ['type=EXECVE argc=5 a0="net" a1="user" a2="svc" a3="S3cret" a4="/add"', '"S3cret"'],
      ['net user svc "S3cret Zebra" /add', '"S3cret Zebra"'],
      ['{"c":"\\"net.exe\\" user \\"svc backup\\" \\"S3cret Zebra\\" /add"}', '\\"S3cret Zebra\\"'],
      ['<Data Name="CommandLine">net user &quot;svc backup&quot; &quot;S3cret Zebra&quot; /add</Data>', 'S3cret Zebra'],
    ],
    negative: [
      'net user svc /delete',
      'net user svc *',
      'net use Z: /delete',
      'net use \\\\127.0.0.1\\share /user:root *',
      'net use \\\\127.0.0.1\\share /delete',
      'net user mode drivers',
      'net user configuration changed successfully',
      '<Data Name="CommandLine">net user &quot;svc backup&quot;</Data>',
    ],
  },
];
