import type { RedactionRule } from '../rule.ts';

/** Four kinds of characters, or nearly as many different ones as a random text has. */
const looksRandom = (text: string): boolean => {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/].filter((kind) => kind.test(text)).length;
  return kinds === 3 && new Set(text).size >= Math.min(16, text.length / 2);
};

/** What only looks like a secret or an identity. */
export const strictRules: readonly RedactionRule[] = [
  {
    name: 'high-entropy',
    profile: 'strict',
    pattern: /(?<![A-Za-z0-9+/_=-])(?<secret>[A-Za-z0-9+/_-]{32,512}={0,2})(?![A-Za-z0-9+/_=-])/g,
    accept: looksRandom,
    hints: ['#'],
    positive: [['got 8fK2mQz91LxWc04TnRbY7uVeHs3JpAdG back', '8fK2mQz91LxWc04TnRbY7uVeHs3JpAdG']],
    negative: ['0123456789abcdef0123456789abcdef', 'a-long-name-of-a-thing-with-many-words-1'],
  },
  {
    name: 'url-query',
    profile: 'strict',
    pattern: /(?<=\b[a-z]{2,10}:\/\/[^ \t\r\n"'<>?]{1,400}\?)(?<secret>(?!\[masked:)[^ \t\r\n"'<>]+)/gi,
    hints: ['://'],
    positive: [['GET https://x/y?id=17&q=z done', 'id=17&q=z']],
    negative: ['GET https://x/y done'],
  },
  {
    name: 'serial-number',
    profile: 'strict',
    identity: true,
    pattern:
      /\b(?:serial(?:[ _]?(?:number|no))?|serialnumber|asset[ _]?tag|service[ _]?tag|wwn)(?:\\{0,3}["'])?[ \t]{0,20}[:=][ \t]{0,20}\\{0,3}["']?(?<secret>(?!guid-)[A-Za-z0-9][A-Za-z0-9._:-]{3,63})/gi,
    hints: ['serial', 'asset', 'service tag', 'servicetag', 'wwn'],
    positive: [['Serial Number: CZ1234ABCD', 'CZ1234ABCD']],
    negative: ['a serial port'],
  },
  {
    name: 'guid',
    profile: 'strict',
    identity: true,
    pattern:
      /(?:(?<![0-9a-fA-F-])|(?<=%[0-9a-fA-F]{2}))(?<secret>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})(?![0-9a-fA-F-])/g,
    hints: ['-'],
    positive: [
      ['tenant 3f2504e0-4f89-11d3-9a0c-0305e82c3301 said', '3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
      ['tenantId%3D3f2504e0-4f89-11d3-9a0c-0305e82c3301', '3f2504e0-4f89-11d3-9a0c-0305e82c3301'],
    ],
    negative: ['3f2504e0-4f89'],
  },
];
