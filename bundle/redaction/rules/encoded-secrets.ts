import { quote, type RedactionRule, unmarked } from '../rule.ts';

const decoded = (secret: string): string => Buffer.from(secret, 'base64').toString('latin1');

/** Secrets in base64 that are told by what they hold, or by the document that holds them. */
export const encodedSecretRules: readonly RedactionRule[] = [
  {
    // A value of Ansible's vault within a string; over several lines value-rows.ts follows it.
    name: 'ansible-vault',
    pattern:
      /\$ANSIBLE_VAULT;[0-9.]{1,8};[A-Z0-9]{1,16}(?:;[^\\ \r\n]{1,64})?(?:\\{1,3}[nr]|[ ]){1,40}(?<secret>[0-9a-f]{2,400}(?:(?:\\{1,3}[nr]|[ ]){1,40}[0-9a-f]{2,400}){0,4000})/g,
    hints: ['vault;1.'],
    positive: [
      ['{"v":"$ANSIBLE_VAULT;1.1;AES256\\n3364616462\\n3562313135\\n"}', '3364616462'],
      ['{"v":"$ANSIBLE_VAULT;1.1;AES256\\n3364616462\\n3562313135\\n"}', '3562313135'],
    ],
    negative: ['$ANSIBLE_VAULT;1.1;AES256', 'looks for $ANSIBLE_VAULT; in files'],
  },
  {
    // A PEM in base64: kubeconfig, Kubernetes' secrets of type tls.
    name: 'encoded-private-key',
    // And the private numbers of a key in JSON (RFC 7518) and in .NET's XML.
    pattern:
      /(?:(?<![A-Za-z0-9+/])(?=LS0tLS1CRUdJTi)|(?<="kty"[^\r\n]{0,4000}"(?:d|p|q|dp|dq|qi|k)"[ ]?:[ ]?")|(?<="(?:d|p|q|dp|dq|qi|k)"[ ]?:[ ]?")(?=[A-Za-z0-9_-]{16,4096}"[^\r\n{}]{0,4000}"kty")|(?<=<(?:D|P|Q|DP|DQ|InverseQ)>)(?<=<RSAKeyValue>[^\r\n]{0,4000}))(?!\[masked:)(?<secret>[A-Za-z0-9+/_-]{16,}={0,2})/g,
    accept: (secret) => !secret.startsWith('LS0tLS1CRUdJTi') || decoded(secret.slice(0, 80)).includes('PRIVATE KEY'),
    hints: ['ls0tls1crudjti', '"kty"', '<rsakeyvalue>'],
    positive: [
      [
        `tls.key: ${Buffer.from('-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN').toString('base64')}`,
        Buffer.from('-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN').toString('base64'),
      ],
      ['{"kty":"EC","crv":"P-256","x":"a","d":"Ab3dEfGh1jKlMnOpQrStUvWx"}', 'Ab3dEfGh1jKlMnOpQrStUvWx'],
      ['{"d":"Ab3dEfGh1jKlMnOpQrStUvWx","e":"AQAB","kty":"RSA"}', 'Ab3dEfGh1jKlMnOpQrStUvWx'],
      ['{"kty":"oct","k":"Ab3dEfGh1jKlMnOpQrStUvWx"}', 'Ab3dEfGh1jKlMnOpQrStUvWx'],
      ['<RSAKeyValue><Modulus>a</Modulus><D>Ab3dEfGh1jKlMnOpQrStUvWx</D></RSAKeyValue>', 'Ab3dEfGh1jKlMnOpQrStUvWx'],
    ],
    negative: [
      '{"kty":"RSA","n":"Ab3dEfGh1jKlMnOpQrStUvWx","e":"AQAB"}',
      `tls.crt: ${Buffer.from('-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIB').toString('base64')}`,
    ],
  },
  {
    // `user:password` in base64: .docker/config.json, .npmrc; and all of such a file in a Kubernetes secret.
    name: 'registry-auth',
    pattern: new RegExp(
      `(?:${quote}auth${quote}[ \\t]{0,4}:[ \\t]{0,4}|\\b_auth[ \\t]{0,4}[=:][ \\t]{0,4}|\\bconfig[ \\t]+set[ \\t]+[^ \\t\\r\\n]{0,80}_auth[ \\t=]+|dockerc(?:onfigjson|fg)${quote}?[ \\t]{0,4}:[ \\t]{0,4})${quote}?${unmarked}(?<secret>[A-Za-z0-9+/]{8,}={0,2})`,
      'gi',
    ),
    accept: (secret) => /^[\x20-\x7e\r\n\t]*:[\x20-\x7e\r\n\t]*$/.test(decoded(secret)),
    hints: ['"auth"', 'auth\\"', "'auth'", 'auth&', '_auth', 'dockerconfigjson', 'dockercfg'],
    positive: [
      ['{"auths":{"h":{"auth":"Ym9iOmh1bnRlcjI="}}}', 'Ym9iOmh1bnRlcjI='],
      ['{"b":"{\\"auth\\":\\"Ym9iOmh1bnRlcjI=\\"}"}', 'Ym9iOmh1bnRlcjI='],
      ['_auth=Ym9iOmh1bnRlcjI=', 'Ym9iOmh1bnRlcjI='],
      ['.dockerconfigjson: eyJhdXRocyI6eyJoIjp7fX19', 'eyJhdXRocyI6eyJoIjp7fX19'],
    ],
    negative: ['{"auth":"required"}', '{"auth": "kerberos5"}', 'client_auth=certificate'],
  },
  {
    // A manifest on one line, as `kubectl get -o json` and logs of its API have it.
    name: 'kubernetes-secret',
    pattern: new RegExp(
      `(?<=${quote}(?:data|stringData)${quote}[ ]{0,2}:[ ]{0,2}\\{[^{}]{0,8000}${quote}[ ]{0,2}:[ ]{0,2}\\\\{0,3}")${unmarked}(?<secret>[^"\\\\\\r\\n]{1,65536})(?=\\\\{0,3}"[ ]{0,2}[,}])`,
      'g',
    ),
    // The last two are for the lines of a manifest in YAML: value-lines.ts follows them.
    hints: [
      'kind":"secret"',
      'kind": "secret"',
      'kind\\":\\"secret\\"',
      'kind\\": \\"secret\\"',
      'kind: secret',
      'apiversion: v1',
    ],
    positive: [
      ['{"apiVersion":"v1","data":{"a":"aHVudGVyMg==","b":"emVicmE3Nw=="},"kind":"Secret"}', 'aHVudGVyMg=='],
      ['{"apiVersion":"v1","data":{"a":"aHVudGVyMg==","b":"emVicmE3Nw=="},"kind":"Secret"}', 'emVicmE3Nw=='],
      ['{"kind":"Secret","stringData":{"a":"hunter2"}}', 'hunter2'],
      ['{"m":"{\\"data\\":{\\"a\\":\\"aHVudGVyMg==\\"},\\"kind\\":\\"Secret\\"}"}', 'aHVudGVyMg=='],
    ],
    negative: ['{"kind":"ConfigMap","data":{"a":"plain"}}', '{"kind":"Secret","metadata":{"name":"x"}}'],
  },
];
