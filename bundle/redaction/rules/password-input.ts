import { entityQuote, inEntities, isSecretValue, quote, quoted, type RedactionRule, unmarked } from '../rule.ts';

/** Between the words of a command of PowerShell, which may go on in the next line. */
const blanks = '(?:[ \\t]+|[ \\t]*`\\r?\\n(?:>>|>)?[ \\t]*)';
/** Passwords that a script hands to a program or turns into a secure string. */
export const passwordInputRules: readonly RedactionRule[] = [
  {
    name: 'piped-password',
    // `echo x | sudo -S`, `echo 'user:x' | chpasswd`.
    pattern: new RegExp(
      `\\becho[ \\t]+(?:-[a-z]+[ \\t]+)?${unmarked}(?:"|'|)(?:[^ \\t\\r\\n:"']+:)?(?<secret>[^ \\t\\r\\n"'|:]+)["']?[ \\t]*\\|[ \\t]*(?:sudo[ \\t]+(?:[^|\\r\\n]{0,60}[ \\t])?(?:-[a-zA-Z]{0,4}S|chpasswd)|chpasswd|passwd[ \\t]|cryptsetup)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['sudo -s', 'chpasswd', '--stdin', 'cryptsetup', 'sudo ', 'passwd '],
    positive: [
      ['echo hunter2 | sudo -S systemctl restart x', 'hunter2'],
      ["echo 'svc:hunter2' | chpasswd", 'hunter2'],
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
];
