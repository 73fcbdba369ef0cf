import { isSecretValue, type RedactionRule, unmarked } from '../rule.ts';

/** Passwords that a script hands to a program or turns into a secure string. */
export const passwordInputRules: readonly RedactionRule[] = [
  {
    name: 'piped-password',
    // `echo x | sudo -S`, `echo 'user:x' | chpasswd`.
    pattern: new RegExp(
      `\\becho[ \\t]+(?:-[a-z]+[ \\t]+)?${unmarked}(?:"|'|)(?:[^ \\t\\r\\n:"']+:)?(?<secret>[^ \\t\\r\\n"'|:]+)["']?[ \\t]*\\|[ \\t]*(?:sudo[ \\t]+(?:[^|\\r\\n]{0,60}[ \\t])?(?:-S|chpasswd)|chpasswd|passwd[ \\t]+--stdin|cryptsetup)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['sudo -s', 'chpasswd', '--stdin', 'cryptsetup', 'sudo '],
    positive: [
      ['echo hunter2 | sudo -S systemctl restart x', 'hunter2'],
      ["echo 'svc:hunter2' | chpasswd", 'hunter2'],
    ],
    negative: ['echo done | sudo tee /etc/x', 'chpasswd: done'],
  },
  {
    name: 'secure-string-source',
    // `ConvertTo-SecureString x -AsPlainText`.
    pattern: new RegExp(
      `ConvertTo-SecureString[ \\t]+(?:-AsPlainText[ \\t]+|-Force[ \\t]+|-String[ \\t]+){0,3}(?:\\([ \\t]*)?${unmarked}(?<secret>"[^"\\r\\n]+"|'[^'\\r\\n]+'|(?![-$(\\[])[^ \\t\\r\\n"',;)]+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['convertto-securestring'],
    positive: [
      ['$p = ConvertTo-SecureString "hunter2" -AsPlainText -Force', '"hunter2"'],
      ["ConvertTo-SecureString -AsPlainText -Force -String 'hunter2'", "'hunter2'"],
    ],
    negative: ['ConvertTo-SecureString -AsPlainText $value'],
  },
];
