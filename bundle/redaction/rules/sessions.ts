import { isSecretValue, type RedactionRule, unmarked } from '../rule.ts';

/** What stands for somebody who has signed in, or is about to. */
export const sessionRules: readonly RedactionRule[] = [
  {
    // Cookies of frameworks outside of their header, SAML, OAuth. Short numbers and GUIDs are identifiers of logs.
    name: 'session',
    pattern: new RegExp(
      `\\b(?:JSESSIONID|PHPSESSID|ASP\\.NET_SessionId|ASPSESSIONID[A-Z]{8}|connect\\.sid|\\.?AspNetCore\\.[A-Za-z.]{1,60}|\\.ASPXAUTH|FedAuth|rtFa|ESTSAUTH[A-Z]*|laravel_session|_[a-z]+_session|session_?id|sid|SAMLResponse|SAMLRequest|wresult|code_verifier|client_assertion|id_token_hint)(?:=|%3D)(?![0-9a-f]{8}-[0-9a-f]{4}-)${unmarked}(?<secret>(?=[A-Za-z%._-]*\\d)(?=[^ ]*[A-Za-z])[A-Za-z0-9%+/=_.-]{20,})`,
      'gi',
    ),
    hints: [
      'sid=',
      'onid=',
      'on_id=',
      't.sid',
      'aspnetcore.',
      '.aspxauth',
      'fedauth=',
      'rtfa=',
      'tsauth',
      '_session=',
      'samlres',
      'samlreq',
      'wresult',
      'ifier=',
      'client_assertion',
      'id_token_hint',
      'aspsessionid',
    ],
    positive: [
      ['GET /x;JSESSIONID=0123456789ABCDEF0123456789ABCDEF', '0123456789ABCDEF0123456789ABCDEF'],
      ['.AspNetCore.Cookies=CfDJ8Ab3dEfGh1jKlMnOpQrStUvWx', 'CfDJ8Ab3dEfGh1jKlMnOpQrStUvWx'],
      ['SAMLResponse=PHNhbWxwOlJlc3BvbnNl0Ab3dEfGh1', 'PHNhbWxwOlJlc3BvbnNl0Ab3dEfGh1'],
      ['GET /x?sid=0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef'],
    ],
    negative: [
      'SessionId=3f2504e0-4f89-11d3-9a0c-0305e82c3301',
      'session_id=1234567890',
      'SessionID=0x3e7',
      'sid=S-1-5-18',
    ],
  },
  {
    // RFC 4954 and Redis: the credentials are the command's argument.
    name: 'auth-command',
    pattern: new RegExp(
      `(?:\\bAUTH[ \\t]+(?:PLAIN|LOGIN|XOAUTH2)[ \\t]+(?=[A-Za-z0-9+/]{8,}=*)(?=\\S*[0-9=+/])|\\bAUTH2?\\\\{0,3}"[ \\t]+(?:\\\\{0,3}"[^"\\r\\n]{1,64}"[ \\t]+)?(?=\\\\{0,3}")|(?:(?:^|\\]:|[">])[ \\t]*|\\b(?:MIGRATE|HELLO|redis-cli)\\b[^\\r\\n]{0,120}[ \\t])AUTH2?[ \\t]+(?!(?:PLAIN|LOGIN)\\b)(?:[A-Za-z0-9_-]{1,64}[ \\t]+(?=[^ \\t\\r\\n]*[0-9!@#$%^&*]))?(?=[^ \\t\\r\\n]*[0-9!@#$%^&*])|\\b(?:user|setuser)[ \\t]+[^ \\t\\r\\n]{1,64}[ \\t]+(?:[^ \\t\\r\\n>]{1,64}[ \\t]+){0,12}>)${unmarked}(?<secret>\\\\{0,3}"(?:(?!\\\\{0,3}")[^\\r\\n])+\\\\{0,3}"|[^ \\t\\r\\n"',;:=()<\\\\]{4,})`,
      'gim',
    ),
    accept: isSecretValue,
    needs: ['AUTH', 'auth', '>', 'Auth'],
    hints: [
      'auth plain ',
      'auth login ',
      'auth xoauth2 ',
      'auth" "',
      'auth\\" \\"',
      'auth2" "',
      'auth ',
      'auth2 ',
      'setuser',
      ' +@',
    ],
    positive: [
      ['C: AUTH PLAIN AGJvYgBodW50ZXIy', 'AGJvYgBodW50ZXIy'],
      ['1669.12 [0 127.0.0.1:1] "AUTH" "hunter2"', 'hunter2'],
      ['1669.12 [0 127.0.0.1:1] "AUTH" "default" "hunter2"', 'hunter2'],
      ['AUTH hunter2', 'hunter2'],
      ['HELLO 3 AUTH default hunter2', 'hunter2'],
      ['user alice on >hunter2 ~* +@all', 'hunter2'],
    ],
    negative: [
      '250-AUTH PLAIN LOGIN',
      'AUTH LOGIN is offered',
      'pam auth failed after 3 tries',
      'auth success for 12 requests',
      'auth required pam_unix.so try_first_pass',
      'auth sufficient pam_sss.so',
      'AUTH is disabled',
    ],
  },
];
