import { entityQuote, inEntities, isSecretValue, type RedactionRule, unmarked } from '../rule.ts';

/** Passwords in statements that make accounts. */
export const sqlRules: readonly RedactionRule[] = [
  {
    // T-SQL, PostgreSQL, MySQL, Oracle: PASSWORD 'x', PASSWORD('x'), IDENTIFIED BY 'x'. With `=` it is the field rule's.
    name: 'sql-password',
    pattern: new RegExp(
      `(?:\\bpassword(?:[ \\t]{1,16}|[ \\t]{0,16}\\([ \\t]{0,16})|\\bidentified[ \\t]{1,16}(?:with[ \\t]{1,16}[^ \\t\\r\\n]{1,64}[ \\t]{1,16})?(?:by|as)[ \\t]{1,16}(?:password[ \\t]{1,16})?)N?(?:${entityQuote})?${unmarked}(?<secret>${inEntities}|'(?:\\\\.|''|[^'\\\\\\r\\n])+'|(?<=\\b(?:identified[^\\r\\n]{0,90}|(?:create|alter)[ \\t]{1,8}(?:user|role|login)[ \\t][^\\r\\n]{1,128}password[ \\t]{1,8}))\\\\{0,3}"(?:(?!\\\\{0,3}")[^\\r\\n])+\\\\{0,3}"|(?<=\\b(?:create|alter)[ \\t]{1,16}user[ \\t]{1,16}[^\\r\\n]{1,128}identified[ \\t]{1,16}by[ \\t]{1,16})[^ \\t\\r\\n"';,&\\\\]+)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [
      "password '",
      'password "',
      'password \\"',
      "password n'",
      "password('",
      "password ('",
      "password(n'",
      'password &',
      'password n&',
      'identified',
    ],
    positive: [
      ["ALTER USER app WITH PASSWORD 'hunter2'", "'hunter2'"],
      ["CREATE USER app IDENTIFIED BY 'hunter2'", "'hunter2'"],
      ["CREATE USER app IDENTIFIED WITH sha256_password BY 'hun''ter2'", "'hun''ter2'"],
      ['{"q":"ALTER USER app IDENTIFIED BY \\"hunter2\\""}', '\\"hunter2\\"'],
      ['alter user app identified by hunter2;', 'hunter2'],
      ['ALTER USER app PASSWORD "hunter2"', '"hunter2"'],
      ['<Data>ALTER USER app WITH PASSWORD &apos;hunter2&apos;</Data>', 'hunter2'],
      ['<Data>CREATE USER app IDENTIFIED BY &apos;hunter2&apos;</Data>', 'hunter2'],
      ["SET PASSWORD FOR app = PASSWORD('hunter2')", "'hunter2'"],
    ],
    negative: ['the server is identified by its name', "field 'password' is required", "password 'required'"],
  },
];
