import { entityQuote, inEntities, isSecretValue, quote, quoted, type RedactionRule, unmarked } from '../rule.ts';

/** An argument before the secret: a text, or a name of a variable. */
const other = `(?:${quote}[^"'&\\r\\n]{0,128}?${quote}|[$@]?[A-Za-z0-9_.]{1,64})`;
const between = '[ \\t]{0,8},[ \\t]{0,8}';
/** `(a, b, ` of a call; in VBScript without the bracket. */
const after = (count: number): string => `[ \\t]{0,8}\\(?[ \\t]{0,8}(?:${other}${between}){${count}}`;

/** Calls that sign in, by how many arguments stand before the password. */
const calls = [
  `objUser\\.SetPassword[ \\t]{1,8}(?=\\\\{0,3}["'])`,
  `(?:\\.login|ValidateCredentials|HTTPBasicAuth|HTTPDigestAuth|\\bauth=)(?=[ \\t]{0,8}\\()${after(1)}`,
  `(?:\\bftp_login|\\bldap_bind|\\bimap_open|\\bmysqli?_(?:p?connect|real_connect)|\\bgetConnection|\\bDirectoryEntry(?:${quote})?(?:\\]::new)?|\\bLogonUser[AW]?)(?=[ \\t]{0,8}\\()${after(2)}`,
  `\\bMapNetworkDrive${after(4)}`,
];

/** Account and password in one text. */
const oracle = `\\bconnect\\([ \\t]{0,8}["'][A-Za-z][A-Za-z0-9_$#]{0,64}/(?=[^"'@\\r\\n]{1,128}@)`;

/** Passwords in the code of scripts, as their logs, PowerShell's script blocks and traces hold it. */
export const loginCallRules: readonly RedactionRule[] = [
  {
    name: 'login-call',
    pattern: new RegExp(
      `(?:${calls.join('|')}|${oracle})(?:${entityQuote})?${unmarked}(?<secret>(?<=/)[^"'@\\r\\n]{1,128}(?=@)|${quoted}|${inEntities})`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [
      ...['.login(', 'credentials(', 'hauth(', ' auth=(', ',auth=(', 'ftp_login(', 'dap_bind(', 'imap_open('],
      ...[
        'sqli_connect(',
        'sql_connect(',
        'sqli_real_connect(',
        'etconnection(',
        'ryentry(',
        'ryentry]::',
        'ogonuser',
        'rkdrive ',
      ],
      ...[
        'rkdrive(',
        'setpassword "',
        'setpassword \\"',
        "acle.connect('",
        'acle.connect("',
        "racledb.connect('",
        'racledb.connect("',
      ],
    ],
    positive: [
      ['server.login("bob@x.example", "hunter zebra")', '"hunter zebra"'],
      ["requests.post(url, auth=('bob', 'hunter'))", "'hunter'"],
      ['$c.ValidateCredentials("bob","hunter")', '"hunter"'],
      ['New-Object System.DirectoryServices.DirectoryEntry("LDAP://x","bob","hunter")', '"hunter"'],
      ['DriverManager.getConnection("jdbc:mysql://h/d", "bob", "hunter");', '"hunter"'],
      ['ldap_bind($c, "cn=x", "hunter")', '"hunter"'],
      ['mysqli_connect("h", "bob", "hunter", "d")', '"hunter"'],
      ['oNet.MapNetworkDrive "Z:", "\\\\s\\x", False, "bob", "hunter"', '"hunter"'],
      ['objUser.SetPassword "hunter zebra"', '"hunter zebra"'],
      ['{"m":"objUser.SetPassword \\"hunter zebra\\""}', 'hunter zebra'],
      ["cx_Oracle.connect('bob/hunter@db')", 'hunter'],
      ['{"s":"server.login(\\"bob\\", \\"hunter zebra\\")"}', '\\"hunter zebra\\"'],
    ],
    negative: [
      'server.login(user, password)',
      'getConnection("jdbc:mysql://h/d")',
      'page.login("name")',
      "requests.get(url, auth=('bob', token))",
      'DirectoryEntry("LDAP://x") was opened',
    ],
  },
];
