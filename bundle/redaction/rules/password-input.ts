import { entityQuote, inEntities, isSecretValue, quote, quoted, type RedactionRule, unmarked } from '../rule.ts';

/** Between the words of a command of PowerShell, which may go on in the next line. */
const blanks = '(?:[ \\t]+|[ \\t]*`\\r?\\n(?:>>|>)?[ \\t]*)';
/** Passwords that a script hands to a program or turns into a secure string. */
export const passwordInputRules: readonly RedactionRule[] = [
  {
    name: 'piped-password',
    // `echo x | sudo -S`, `echo 'user:x' | chpasswd`.
    pattern: new RegExp(
      `\\becho[ \\t]+(?:-[a-z]+[ \\t]+)?${unmarked}(?:\\\\{0,3}"|'|)(?:[^ \\t\\r\\n:"'\\\\]{1,64}:)?(?<secret>[^ \\t\\r\\n"'|:]{1,256}?)\\\\{0,3}["']?[ \\t]*\\|[ \\t]*(?:sudo[ \\t]+(?:[^|\\r\\n]{0,60}[ \\t])?(?:-[a-zA-Z]{0,4}S|chpasswd)|chpasswd|passwd[ \\t]|cryptsetup)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['sudo -s', 'chpasswd', '--stdin', 'cryptsetup', 'sudo ', 'passwd '],
    positive: [
      ['echo hunter2 | sudo -S systemctl restart x', 'hunter2'],
      ["echo 'svc:hunter2' | chpasswd", 'hunter2'],
      ['{"m":"echo \\"svc:hunter2\\" | chpasswd"}', 'hunter2'],
      ['{"m":"echo \\"hunter2\\" | sudo -S reboot"}', 'hunter2'],
      ['echo hunter2 | sudo -kS ls', 'hunter2'],
      ["echo -e 'hunter2\\nhunter2' | passwd svc", 'hunter2\\nhunter2'],
    ],
    negative: ['echo done | sudo tee /etc/x', 'chpasswd: done'],
  },
  {
    name: 'secure-string-source',
    // `ConvertTo-SecureString x -AsPlainText`, and what PowerShell's module log (4103) and its trace say of it.
    pattern: new RegExp(
      `(?:ConvertTo-SecureString${blanks}(?:-(?:AsPlainText|Force|Str(?:ing)?)${blanks}){0,3}(?:\\([ \\t]*)?|ParameterBinding\\((?:ConvertTo-SecureString|Set-Secret)\\):[ ]name=${quote}(?:String|Secret|SecureStringSecret)${quote};[ ]value=)(?:${entityQuote})?${unmarked}(?<secret>${quoted}|${inEntities}|(?!${entityQuote}|[-$(\\[\`])[^ \\t\\r\\n"',;)\\\\]+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['convertto-securestring'],
    positive: [
      ['$p = ConvertTo-SecureString "hunter2" -AsPlainText -Force', '"hunter2"'],
      ["ConvertTo-SecureString -AsPlainText -Force -String 'hunter2'", "'hunter2'"],
      ['<Data>ConvertTo-SecureString &quot;hunter2&quot; -AsPlainText</Data>', 'hunter2'],
      ["(ConvertTo-SecureString `\n>>   -String 'hunter2' `\n", "'hunter2'"],
      ['ParameterBinding(ConvertTo-SecureString): name="String"; value="hunter2"', '"hunter2"'],
      ['ParameterBinding(ConvertTo-SecureString): name=&quot;String&quot;; value=&quot;hunter2&quot;', 'hunter2'],
    ],
    negative: [
      'ConvertTo-SecureString -AsPlainText $value',
      'ParameterBinding(ConvertTo-SecureString): name="AsPlainText"; value="True"',
      'CommandInvocation(ConvertTo-SecureString): "ConvertTo-SecureString"',
    ],
  },
  {
    // Fed to a program by a pipe or a shell's here-string.
    name: 'fed-password',
    pattern: new RegExp(
      `(?:\\b(?:echo|printf)[ \\t]{1,40}(?:-[a-z]{1,8}[ \\t]{1,8}|'%s(?:\\\\{1,2}n)?'[ \\t]{1,8}){0,4}(?=[^|\\r\\n]{1,200}\\|[ \\t]*(?:sudo[ \\t]+)?(?:kinit|adcli|realm|smbpasswd|cryptsetup|gpg2?[ ]|su[ ]|net[ ]ads|ipa[ ]|sshfs|vncpasswd|(?:docker|podman|helm|buildah)[ \\t][^|\\r\\n]{0,80}--password-stdin))|\\b(?:kinit|passwd|chpasswd|smbpasswd|sshfs|cryptsetup|sudo|su|gpg2?|openssl|runas|PASSWORD|PASS)\\b[^\\r\\n|;]{0,80}(?:<<<|(?:&(?:amp;)?lt;){3})[ \\t]*|(?:\\bcryptsetup[ \\t][^\\r\\n]{0,160}|-file[ =])<\\((?:echo|printf)[ \\t]+(?:-n[ \\t]+)?)(?:${quote}?[A-Za-z0-9_.-]{1,64}:(?=[^ \\t\\r\\n]))?${unmarked}(?<secret>\\\\{0,3}"(?:(?!\\\\{0,3}")[^\\r\\n])+\\\\{0,3}"|'[^'\\r\\n]+'(?:[ ]'[^'\\r\\n]+'(?=[ ]\\|))?|(?<=["'][A-Za-z0-9_.-]{1,64}:)[^"'\\r\\n]+|(?!-)[^ \\t\\r\\n"'|)<\\\\]+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [
      'kinit',
      'adcli',
      'alm join',
      'smbpasswd',
      'cryptsetup',
      '--password-stdin',
      ' gpg ',
      'su - ',
      'net ads',
      ' ipa ',
      'sshfs ',
      'vncpasswd',
      '<(echo',
      '<(printf',
      '<<<',
      '&lt;&lt;&lt;',
    ],
    positive: [
      ['echo hunter2 | kinit bob', 'hunter2'],
      ["printf '%s' hunter2 | kinit bob", 'hunter2'],
      ["echo -n 'hunter2 zebra' | adcli join --stdin-password", "'hunter2 zebra'"],
      ['chpasswd <<< "bob:hunter2"', 'hunter2'],
      ['smbpasswd -a bob <<< hunter2', 'hunter2'],
      ["gpg --passphrase-fd 0 -d a.gpg <<< 'hunter zebra'", "'hunter zebra'"],
      ['rsync --password-file=<(echo hunter) a h:', 'hunter'],
      ['echo hunter | gpg --batch --passphrase-fd 0 -d a', 'hunter'],
      ['cryptsetup luksOpen /dev/x y --key-file <(echo -n hunter2)', 'hunter2'],
      ['echo hunter2 | docker login -u x --password-stdin', 'hunter2'],
    ],
    negative: ['echo done | tee x', 'kinit: Password incorrect', 'cryptsetup luksDump /dev/x', 'su -c ls root'],
  },
];
