import { isSecretValue, type RedactionRule, unmarked } from '../rule.ts';

/** Names that stand between `Authorization:` and its secret. */
const scheme =
  '(?:bearer|basic|negotiate|ntlm|digest|apikey|token|sharedaccesssignature|sharedkey(?:lite)?|aws4-hmac-sha256|splunk|geniekey|ssws|key|aws(?=[ \\t]+(?:[A-Z0-9]{16,128}|\\[masked:aws-key:[0-9a-f]{8}\\]):)|[a-z][a-z0-9-]{1,24}(?=[ \\t]+[A-Za-z_]+=\\\\{0,3}"[^"\\\\\\r\\n]*\\\\{0,3}")|[a-z][a-z0-9-]{1,24}(?=[ \\t]+(?=[^ \\t\\r\\n]*\\d)[A-Za-z0-9+/_=.-]{16,}(?:["\'\\\\ \\t\\r\\n,;]|$)))';

/** A parameter of a scheme: `response="x"`, `Signature=x`. */
const parameter = `[A-Za-z_]+=(?:\\\\{0,3}"[^"\\\\\\r\\n]*\\\\{0,3}"|[^ \\t\\r\\n"',;\\\\]+)`;

/** Tokens of services and of HTTP (RFC 6265, 6750, 7519; Microsoft’s, GitHub’s and others’ documentation of their formats). */
export const tokenRules: readonly RedactionRule[] = [
  {
    name: 'jwt',
    pattern:
      /(?<secret>\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{0,}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,})/g,
    hints: ['eyj'],
    positive: [
      [
        'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N back',
        'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N',
      ],
      [
        'JWE eyJhbGciOiJSU0EtT0FFUCJ9.OKOawDo13gRp2ojaHV7L.48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvTiFvSkQ',
        'OKOawDo13gRp2ojaHV7L',
      ],
    ],
    negative: ['the key eyJ is not a token', 'eyJhbGciOiJIUzI1NiJ9 alone'],
  },
  {
    name: 'authorization',
    pattern: new RegExp(
      `\\b(?:proxy-)?authorization\\\\{0,3}["']?[ \\t]{0,4}[:=][ \\t]{0,4}(?:\\[[ \\t]{0,4}(?!masked:))?\\\\{0,3}["']?(?:${scheme}[ \\t]+)?(?!${scheme}[ \\t])${unmarked}(?<secret>${parameter}(?:,[ \\t]{0,4}${parameter})*|[^ \\t\\r\\n"',;\\\\]{4,}(?:,[ \\t]*[A-Za-z]+=[^ \\t\\r\\n"';]+)*)`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['authorization'],
    positive: [
      ['Authorization: Bearer mF_9.B5f-4.1JqM', 'mF_9.B5f-4.1JqM'],
      ['authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
      ['{"Authorization":"Bearer abcdef123456"}', 'abcdef123456'],
      ['proxy-authorization: NTLM TlRMTVNTUAABAAAA', 'TlRMTVNTUAABAAAA'],
      [
        'Authorization: SharedKey myaccount:ctzMq410TV3wS7upTBcunJTDLEJwMAZuFPfr0mrrA08=',
        'myaccount:ctzMq410TV3wS7upTBcunJTDLEJwMAZuFPfr0mrrA08=',
      ],
      [
        'Authorization: Digest username="x", realm="y z", nonce="n", uri="/", response="6629fae49393a053", qop=auth',
        '6629fae49393a053',
      ],
      [
        '{"authorization":"Digest username=\\"x\\", realm=\\"y\\", response=\\"6629fae49393a053\\""}',
        '6629fae49393a053',
      ],
      ['Authorization: AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=', 'frJIUN8DYpKDtOLCwo//yllqDzg='],
      ['Authorization: OAuth oauth_consumer_key="x", oauth_signature="hunter%3D1"', 'hunter'],
      ['authorization=[Bearer abcdef123456]', 'abcdef123456'],
      ['Authorization: Splunk 3f2504e0-4f89-11d3-9a0c-0305e82c3301', '3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
      ['Authorization: Api-Token Ab3dEfGh1jKlMnOpQrStUvWx', 'Ab3dEfGh1jKlMnOpQrStUvWx'],
    ],
    negative: ['authorization: denied for object', 'authorization failed for a request', 'Authorization: '],
  },
  {
    name: 'cookie',
    // A header's whole value: which of its cookies holds the session is not to be seen (RFC 6265).
    pattern: new RegExp(
      `\\b(?:set-)?cookie["']?[ \\t]{0,4}[:=][ \\t]{0,4}["']?${unmarked}(?<secret>[A-Za-z0-9!#$%&*+.^_|~-]{1,100}(?:=\\\\{1,3}"[^"\\\\,; \\t\\r\\n]+\\\\{1,3}"|="[^"\\\\,; \\t\\r\\n]+"(?=[ \\t]*(?:[;\\r\\n]|$))|=[^\\r\\n"'])(?:=\\\\{1,3}"[^"\\\\,; \\t\\r\\n]+\\\\{1,3}"|="[^"\\\\,; \\t\\r\\n]+"(?=[ \\t]*(?:[;\\r\\n]|$))|[^\\r\\n"'])*)`,
      'gi',
    ),
    hints: ['cookie:', 'cookie":', 'cookie :', "cookie':", 'cookie='],
    positive: [
      ['Cookie: session=abcdef', 'session=abcdef'],
      ['Set-Cookie: id=a3fWa; Path=/; HttpOnly', 'id=a3fWa; Path=/; HttpOnly'],
      ['{"cookie":"a=1; b=2","x":1}', 'a=1; b=2'],
      ['Set-Cookie: session="abcdef"; Path=/', 'session="abcdef"; Path=/'],
      ['Cookie: a=1; session="abcdef"', 'session="abcdef"'],
      ['{"set-cookie":"session=\\"abcdef\\"; Path=/","x":1}', 'abcdef'],
    ],
    negative: ['cookie: none', 'the cookie is set: yes', 'Cookie: '],
  },
  {
    name: 'bearer',
    pattern: new RegExp(`\\bbearer[ \\t]+${unmarked}(?<secret>[A-Za-z0-9_~+/.-]{16,}=*)`, 'gi'),
    hints: ['bearer'],
    positive: [['curl -H bearer 0123456789abcdefABCDEF', '0123456789abcdefABCDEF']],
    negative: ['the bearer of this letter', 'bearer authentication is on'],
  },
  {
    name: 'url-credentials',
    pattern: new RegExp(
      `\\b[a-z][a-z0-9+.-]{1,20}(?::(?:\\\\?/){2}(?=[A-Za-z_-]*\\d)(?=[A-Za-z0-9_-]{20,}(?::x-oauth-basic)?@)|:(?:\\\\?/){2}[^ \\t\\r\\n/:@"'<>]{0,100}(?:@[^ \\t\\r\\n/:@"'<>]{1,100})?:|%3A%2F%2F[^ \\t\\r\\n/:@%"'<>]{1,100}%3A(?=[^ \\t\\r\\n/:@%"'<>&]{1,100}%40))${unmarked}(?<secret>(?<=%3A)[^ \\t\\r\\n/@"'<>%]+(?=%40)|(?<=/)[A-Za-z0-9_-]{20,}(?=(?::x-oauth-basic)?@)|(?<!%3A)[^ \\t\\r\\n/@"'<>]{1,200}(?:@[^ \\t\\r\\n/@?#,;"'<>]{1,64}(?=@)){0,4}(?=@))`,
      'gi',
    ),
    hints: ['://', ':\\/\\/', '%3a%2f%2f'],
    positive: [
      ['next=https%3A%2F%2Fbob%3Ahunter2%40srv%2Fx', 'hunter2'],
      ['url."https://Ab3dEfGh1jKlMnOpQrSt:x-oauth-basic@srv/".insteadOf', 'Ab3dEfGh1jKlMnOpQrSt'],
      ['fetch https://svc:s3cr3t@host/x', 's3cr3t'],
      ['redis://:hunter2@cache:6379/0', 'hunter2'],
      ['https://administrator@vsphere.local:hunter2@vc/sdk', 'hunter2'],
      ['https://svc:p@ssw0rd77@host/x', 'ssw0rd77'],
    ],
    negative: ['https://host:8443/path', 'see http://host/a@b', 'ssh://git@host/x'],
  },
  {
    name: 'shared-access-signature',
    pattern: new RegExp(
      `(?:\\b|%3f|%26|%253f|%2526)(?:sig|signature|x-amz-signature|x-amz-security-token)(?:=|%3d|%253d)${unmarked}(?<secret>[A-Za-z0-9%+/_-]{20,}(?:=|%3d){0,2})`,
      'gi',
    ),
    hints: ['sig=', 'signature=', 'security-token=', 'sig%3d', 'sig%253d', 'signature%3d'],
    positive: [
      [
        'https://x.blob.core.windows.net/c?sv=2022&sig=Abc%2BdefGHIjkl0123456789%3D&se=1',
        'Abc%2BdefGHIjkl0123456789%3D',
      ],
      ['SharedAccessSignature sr=h&sig=abcdefghijklmnopqrstuvwxyz012345', 'abcdefghijklmnopqrstuvwxyz012345'],
      ['u=https%3A%2F%2Fx%2Fc%3Fsig%3Dabcdefghijklmnopqrstuvwx', 'abcdefghijklmnopqrstuvwx'],
    ],
    negative: ['sig=TERM', 'signal sig=11 received'],
  },
  {
    // 64 bytes in base64: keys of Azure Storage, Batch, Cosmos DB. And Ceph's, which have a time and their length in them.
    name: 'account-key',
    pattern:
      /(?<![A-Za-z0-9+/-]|(?<![A-Za-z0-9_])=)(?<!sha512[-:=])(?<secret>[A-Za-z0-9+/]{86}==|AQ[A-Za-z0-9+/]{11}[BRhx]AA[A-Za-z0-9+/]{22}==)(?![A-Za-z0-9+/=])/g,
    hints: ['=='],
    positive: [
      [`key ${'Zm9v'.repeat(21)}Zg== used`, `${'Zm9v'.repeat(21)}Zg==`],
      ['\tkey = AQCvCbtToC6MDhAATtuT70Sl+DymPCfDSsyV4w==', 'AQCvCbtToC6MDhAATtuT70Sl+DymPCfDSsyV4w=='],
      [`key1=${'Zm9v'.repeat(21)}Zg==`, `${'Zm9v'.repeat(21)}Zg==`],
    ],
    negative: [`"integrity": "sha512-${'Zm9v'.repeat(21)}Zg=="`, '======'],
  },
  {
    name: 'aws-key',
    pattern: /\b(?<secret>(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b/g,
    hints: ['akia', 'asia', 'abia', 'acca'],
    positive: [['key AKIAIOSFODNN7EXAMPLE used', 'AKIAIOSFODNN7EXAMPLE']],
    negative: ['AKIA', 'ASIAN MARKETS ARE OPEN'],
  },
  {
    name: 'service-token',
    pattern:
      /(?<secret>\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{18,}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?|xox[abeoprs]-[A-Za-z0-9-]{10,}|npm_[A-Za-z0-9]{30,}|sk_live_[A-Za-z0-9]{16,}|hvs\.[A-Za-z0-9_-]{20,}|sxe1\.[0-9a-f]{64}\.[A-Za-z0-9_-]{43}|AIza[A-Za-z0-9_-]{35}|[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}))/g,
    hints: [
      'ghp_',
      'gho_',
      'ghu_',
      'ghs_',
      'ghr_',
      'github_pat_',
      'glpat-',
      'xoxa-',
      'xoxb-',
      'xoxe-',
      'xoxo-',
      'xoxp-',
      'xoxr-',
      'xoxs-',
      'npm_',
      'sk_live_',
      'hvs.',
      'sxe1.',
      'aiza',
      '#q~',
    ],
    positive: [
      ['push with ghp_0123456789abcdefghijABCDEFGHIJ0123', 'ghp_0123456789abcdefghijABCDEFGHIJ0123'],
      ['slack xoxb-123456789012-abcdefghij', 'xoxb-123456789012-abcdefghij'],
      ['glpat-abcdefghijklmnopqrst', 'glpat-abcdefghijklmnopqrst'],
      ['glpat-abcdefghijklmnopqrstuvwxyza.01.0a1b2c3d4', '0a1b2c3d4'],
      ['app abc8Q~0123456789abcdefghijABCDEFGHIJ0123 signed in', 'abc8Q~0123456789abcdefghijABCDEFGHIJ0123'],
    ],
    negative: ['ghp_short', 'the xox game'],
  },
  {
    // Our own link: once it has been used it is worth nothing, but nobody knows whether it has.
    name: 'sign-in-link',
    pattern: /#signin=(?<secret>[A-Za-z0-9_-]{43})/g,
    hints: ['signin='],
    positive: [
      [
        'open https://127.0.0.1:8443/#signin=tZGQIrY2fabSoU-Iqe6I0_27GdMu_2WQw0bGFr1Yy10 now',
        'tZGQIrY2fabSoU-Iqe6I0_27GdMu_2WQw0bGFr1Yy10',
      ],
    ],
    negative: ['#signin=', 'the page #signin=later'],
  },
];
