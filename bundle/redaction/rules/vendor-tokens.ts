import type { RedactionRule } from '../rule.ts';

const word = '[A-Za-z0-9_-]';
/**
 * How keys of services begin, in lower case, and what follows; beginnings are what the scanner looks for. From the services'
 * own documentation of their formats.
 */
const formats: readonly (readonly [beginnings: readonly string[], rest: string])[] = [
  // OpenAI, Anthropic, OpenRouter; `disk-…` and `task-…` are none.
  [['sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-ant-', 'sk-or-v1-'], `${word}{20,}`],
  [['glsa_', 'glc_', 'hf_', 'api_org_', 'gsk_', 'r8_', 'pplx-', 'xai-', 'phx_'], '[A-Za-z0-9_=]{30,}'],
  [
    ['gldt-', 'glptt-', 'glrt-', 'glcbt-', 'glsoat-', 'glagent-', 'gloas-', 'glft-', 'glimt-', 'gr1348941'],
    `${word}{18,}`,
  ],
  [['xapp-', 'xoxc-', 'xoxd-', 'xoxe.xox'], '[A-Za-z0-9.%/+-]{24,}'],
  [['pypi-age', 'rubygems_', 'oy2', 'dckr_pat_', 'dckr_oat_', 'swmtkn-1-', 'gocspx-'], `${word}{24,}`],
  [['rk_live_', 'sk_test_', 'rk_test_', 'whsec_', 'shpat_', 'shpss_', 'shpca_', 'shppa_'], '[A-Za-z0-9]{16,}'],
  [['ya29.', 'hvb.', 'hvr.', 'mlsn.', '1//0'], `${word}{30,}`],
  [['dop_v1_', 'doo_v1_', 'dor_v1_', 'sgp_', 'sqp_', 'squ_', 'sqa_', 'sbp_', 'bkua_', 'pul-'], '[0-9a-f]{40,}'],
  [['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.'], '[A-Za-z0-9._-]{32,}'],
  [
    ['lin_api_', 'lin_oauth_', 'figd_', 'ntn_', 'secret_', 'nfp_', 'rnd_', 'fo1_', 'pscale_tkn_', 'pscale_pw_'],
    `${word}{32,}`,
  ],
  [['vercel_', 'pmat-', 'nrak-', 'nrii-', 'atbb', 'sq0csp-', 'sq0atp-', 'tskey-', 'ccipat_', 'ddp_'], `${word}{20,}`],
  [['atatt3', 'atctt3', 'akc', 'cmvmdgtuojaxo', 'fm2_', 'absk', 'ops_eyj', 'hrku-aa', 'ezak'], '[A-Za-z0-9_=+/-]{40,}'],
  [['nvapi-', 'pmak-'], `${word}{48,}`],
  [['eyjrijoi'], '[A-Za-z0-9_=+/-]{40,}'],
  [['sntrys_', 'sntryu_', 'xkeysib-', 'xsmtpsib-', 'duffel_live_', 'shippo_live_'], `${word}{40,}`],
  [['dapi', 'key-'], '[0-9a-f]{32}(?:-\\d)?(?![0-9a-f-])'],
  [['dt0c01.'], '[A-Z0-9]{24}\\.[A-Z0-9]{64}'],
  [['sha256~'], `${word}{43}`],
];
/** Ends of those whose beginnings stand in every log: the scanner looks where a hint can begin. */
const ends: Readonly<Record<string, string>> = {
  atatt3: 'att3',
  atctt3: 'ctt3',
  figd_: 'igd_',
  'sha256~': '256~',
  vercel_: 'cel_',
};
const literal = (text: string): string =>
  [...text].map((c) => (/[a-z]/.test(c) ? `[${c}${c.toUpperCase()}]` : c.replace(/[./+]/, '\\$&'))).join('');
const beginning = formats.map(([beginnings, rest]) => `(?:${beginnings.map(literal).join('|')})${rest}`).join('|');
/** Beginnings that are the ends of ordinary words: with what stands before them. */
const alone = (name: string): string[] => [' ', '"', "'", '=', ':', '\t', '>', '\n'].map((before) => before + name);

/** The secret stands beside the key's name in exports and in sentences; the name has no mark yet. */
const besideAws =
  '(?<=\\b(?:AKIA|ASIA)[A-Z2-7]{16}(?:[ \\t,:;|"\'\\\\/=]|and|secret|key){1,24})[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])';
/** Keys of Azure carry a signature of four characters at a fixed place (Microsoft: identifiable keys). */
const azureSignatures = [
  'AzFu',
  'AzSe',
  'AzCa',
  'AzIx',
  'AIoT',
  'AZDO',
  'AZEG',
  '+ACR',
  '+ASt',
  '+AEh',
  '+ARm',
  '+ABa',
  '+AMC',
  'ACDb',
  'APIM',
];
const azure = `[A-Za-z0-9+/]{32,80}(?:${azureSignatures.map((signature) => signature.replace('+', '\\+')).join('|')})[A-Za-z0-9+/]{4,12}={0,2}(?![A-Za-z0-9+/])`;

/** Keys and tokens of services, by the forms that they are given out in. */
export const vendorTokenRules: readonly RedactionRule[] = [
  {
    name: 'vendor-token',
    pattern: new RegExp(
      `(?<![A-Za-z0-9_])(?<secret>${beginning}|${besideAws}|${azure}|sk-(?=[A-Za-z_-]{0,64}\\d)[A-Za-z0-9_-]{32,}|SG\\.${word}{16,}\\.${word}{30,}|[0-9a-f]{32}-us\\d{1,2}(?![0-9a-z])|[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{50,}|K10[0-9a-f]{64}::[a-z]+:[0-9a-f]{32}|[0-9a-f]{36}FFFFNRAL)`,
      'g',
    ),
    hints: [
      ...formats.flatMap(([beginnings]) => beginnings.map((each) => ends[each] ?? each)),
      ...alone('sk-'),
      ...alone('sg.'),
      ...azureSignatures.map((signature) => signature.toLowerCase()),
      'akia',
      'asia',
      '-us#',
      '.atlasv1.',
      '::server:',
      'ffffnral',
    ],
    positive: [
      ['key sk-proj-Ab3dEfGh1jKlMnOpQrStUvWx used', 'sk-proj-Ab3dEfGh1jKlMnOpQrStUvWx'],
      ['OPENAI sk-Ab3dEfGh1jKlMnOpQrStUvWxAb3dEfGh1jKlMnOp', 'sk-Ab3dEfGh1jKlMnOpQrStUvWxAb3dEfGh1jKlMnOp'],
      ['{"k":"sk-ant-api03-Ab3dEfGh1jKlMnOpQrStUvWx-AA"}', 'sk-ant-api03-Ab3dEfGh1jKlMnOpQrStUvWx-AA'],
      ['login dckr_pat_Ab3dEfGh1jKlMnOpQrStUvWxAb3', 'dckr_pat_Ab3dEfGh1jKlMnOpQrStUvWxAb3'],
      [`pypi-AgEIcHlwaS5vcmc${'Ab3dEf'.repeat(8)}`, `pypi-AgEIcHlwaS5vcmc${'Ab3dEf'.repeat(8)}`],
      [`do ${'dop_v1_'}${'0123456789abcdef'.repeat(4)}`, `dop_v1_${'0123456789abcdef'.repeat(4)}`],
      [`hub hf_${'Ab3dEf'.repeat(6)}`, `hf_${'Ab3dEf'.repeat(6)}`],
      [`mail SG.${'Ab3dEf'.repeat(4)}.${'Ab3dEf'.repeat(7)}`, `SG.${'Ab3dEf'.repeat(4)}.${'Ab3dEf'.repeat(7)}`],
      ['Bricks dapi0123456789abcdef0123456789abcdef', 'dapi0123456789abcdef0123456789abcdef'],
      [`dp.st.prd.${'Ab3dEf'.repeat(7)}`, `dp.st.prd.${'Ab3dEf'.repeat(7)}`],
      ['AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
      ['bob,AKIAIOSFODNN7EXAMPLE,wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
      [`devops ${'Ab3d'.repeat(19)}AZDO1234`, `${'Ab3d'.repeat(19)}AZDO1234`],
      [`?code=${'Ab3d'.repeat(11)}AzFu12345678==&x=1`, `${'Ab3d'.repeat(11)}AzFu12345678==`],
      [`AKCp${'Ab3dEf'.repeat(11)}`, `AKCp${'Ab3dEf'.repeat(11)}`],
    ],
    negative: [
      'disk-0123456789abcdef0123456789abcdef01 is online',
      'sk-learn is a library, task-0123456789abcdefghijABCDEFGHIJ01',
      'the key-value store, key-0123',
      'msg.SG.x and SG.Name.Other',
      'ldapi:///',
      'image sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
      'secret_name_of_the_thing',
      'the APIM gateway is up, AIoT device',
      'see AKIA at /usr/share/doc/packages/of/the/sdk/for/asia/',
    ],
  },
  {
    // What only its surroundings tell: Vault, Telegram, Discord, Slack, Teams, kubeadm.
    name: 'token-in-context',
    pattern:
      /(?:\b(?:vault|token)\b[^\r\n]{0,80}?[ \t"'=:](?=s\.)|\bUnseal Key \d{1,2}[^\r\n:]{0,24}:[ \t]{1,4}|(?:api\.telegram\.org\/bot|(?<![0-9A-Za-z:])(?=\d{8,10}:AA))|discord(?:app)?\.com\/api\/webhooks\/\d{8,24}\/|\bdiscord\b[^\r\n]{0,80}?[ \t"'=:](?=[MNO][A-Za-z0-9]{22,27}\.)|hooks\.slack\.com\/(?:services|workflows|triggers)\/|\/IncomingWebhook\/|\b(?:bootstrap|kubeadm)\b[^\r\n]{0,120}?[ \t"'=:](?=[a-z0-9]{6}\.(?=[a-z]*\d)[a-z0-9]{16}(?![A-Za-z0-9.])))(?!\[masked:)(?<secret>[A-Za-z0-9_.:+/=-]{20,})/gi,
    hints: [
      'vault',
      'token s.',
      'token: s.',
      'unseal key',
      'telegram.org/bot',
      ':aa',
      'iscord',
      'hooks.slack.com',
      'gwebhook/',
      'otstrap',
      'kubeadm',
    ],
    positive: [
      ['vault said s.Ab3dEfGh1jKlMnOpQrStUvWx', 's.Ab3dEfGh1jKlMnOpQrStUvWx'],
      ['Unseal Key 1: Ab3dEfGh1jKlMnOpQrStUvWx+Ab3dEfGh1jKl=', 'Ab3dEfGh1jKlMnOpQrStUvWx+Ab3dEfGh1jKl='],
      ['bot 123456789:AAAb3dEfGh1jKlMnOpQrStUvWxAb3dEfGh1j up', '123456789:AAAb3dEfGh1jKlMnOpQrStUvWxAb3dEfGh1j'],
      ['POST https://hooks.slack.com/services/T0123/B0123/Ab3dEfGh1jKlMnOp', 'T0123/B0123/Ab3dEfGh1jKlMnOp'],
      ['bootstrap token abcdef.0123456789abcdef is valid', 'abcdef.0123456789abcdef'],
    ],
    negative: [
      'the vault s.o. opened was sealed',
      'Unseal Key 1: missing',
      'mac 00:AA:11 at 12:34:56:AA:bb:cc:dd',
      'systemd-bootstrap.service: socket.controllermanager started',
    ],
  },
];
