import { isSecretValue, type RedactionRule, unmarked } from '../rule.ts';

/** A value of a row; bounded, so that a line of nothing but values is not walked to its end from each. */
const value = `[ \\t]{0,8}(?:N?'(?:''|\\\\.|[^'\\\\\\r\\n]){0,512}'|"[^"\\r\\n]{0,512}"|[^,'"()\\r\\n]{1,64}(?:\\([^()\\r\\n]{0,128}\\))?)[ \\t]{0,8}`;
const secretColumn =
  '[`"\\[]?[A-Za-z0-9_]{0,40}(?:password|passwd|passphrase|pwd|secret|token|api_?key)(?:_?hash)?[`"\\]]?[ \\t]{0,8}';
/** Beyond these a table's secret would be an eleventh column. */
const mostBefore = 10;
/** The secret's column, and as many values before the secret as there are columns before it. */
const byColumn = Array.from(
  { length: mostBefore },
  (_, before) =>
    `\\([ \\t]{0,8}(?:[^,()\\r\\n]{1,64},[ \\t]{0,8}){${before}}${secretColumn}(?:,[^()\\r\\n]{0,600})?\\)[ \\t]{0,8}VALUES[ \\t]{0,8}\\((?:${value},){${before}}`,
).join('|');

/** Secrets among the values of a statement that says which columns they are for. */
export const sqlInsertRules: readonly RedactionRule[] = [
  {
    name: 'sql-insert',
    pattern: new RegExp(
      `\\b(?:INSERT|REPLACE)[ \\t]{1,8}(?:IGNORE[ \\t]{1,8})?INTO[ \\t]{1,8}[^ \\t\\r\\n(]{1,128}[ \\t]{0,8}(?:${byColumn})[ \\t]{0,8}N?${unmarked}(?<secret>'(?:''|\\\\.|[^'\\\\\\r\\n])+'|"[^"\\r\\n]+"|0x[0-9a-f]{16,})`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['nsert into', 'eplace into', 'nsert ignore into'],
    needs: ['assw', 'ASSW', 'assphrase', 'pwd', 'PWD', 'ecret', 'ECRET', 'oken', 'OKEN', 'key', 'KEY', 'Pwd', 'Key'],
    positive: [
      ["INSERT INTO users (name, password) VALUES ('bob', 'hunter')", "'hunter'"],
      ["insert into dbo.Users (Id, [PasswordHash], Mail) values (7, N'hunter zebra', 'x')", "'hunter zebra'"],
      ["INSERT INTO `t` (`id`,`at`,`api_key`) VALUES (1, NOW(), 'hunter');", "'hunter'"],
    ],
    negative: [
      "INSERT INTO users (name, mail) VALUES ('bob', 'x')",
      "INSERT INTO users (name, password) VALUES ('bob', NULL)",
      'INSERT INTO token_use (id) VALUES (7)',
    ],
  },
];
