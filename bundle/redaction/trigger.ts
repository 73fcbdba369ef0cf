import { type BytePattern, type ByteSet, byteSet } from '../scanner/byte-pattern.ts';
import type { RedactionRule } from './rule.ts';
import { identityContexts } from './rules/identities.ts';

/** What one pass over the bytes looks for, beside the hints of rules; bits of a set. */
export const trigger = {
  ipv4: 2,
  colons: 4,
  macDashes: 8,
  macDots: 16,
  sid: 32,
  at: 64,
  userFolder: 128,
  unc: 256,
  mark: 512,
  userPhrase: 1024,
  hostPhrase: 2048,
  userField: 4096,
  hostField: 8192,
  plainMac: 16_384,
  directoryName: 32_768,
} as const;

const digit = byteSet('0123456789');
const hex = byteSet('0123456789abcdefABCDEF');
const letters = 'abcdefghijklmnopqrstuvwxyz';
const alphanumeric = byteSet(`0123456789${letters}${letters.toUpperCase()}`);
const local = byteSet(`0123456789${letters}${letters.toUpperCase()}_.+-#$`);

/** Characters as they are but for their case; `#` stands for a digit. */
const spell = (text: string): ByteSet[] =>
  [...text].map((character) =>
    character === '#' ? digit : byteSet(character.toLowerCase() + character.toUpperCase()),
  );
const times = (set: ByteSet, count: number): ByteSet[] => Array.from({ length: count }, () => set);
const upTo = (max: number): number[] => Array.from({ length: max }, (_, at) => at + 1);

/** What may follow the name of a field whose value is next: quotes, blanks, and the sign itself. */
const fieldEnd = byteSet('\\"\' \t:=');
const dot = spell('.');
const colon = spell(':');
const dash = spell('-');

const of = (triggers: number, ...all: ByteSet[][]): BytePattern[] =>
  all.map((steps) => ({ steps, triggers, rule: -1, gateFrom: 0 }));
const ofNumbers = (triggers: number, ...all: ByteSet[][]): BytePattern[] =>
  of(triggers, ...all).map((pattern) => ({ ...pattern, isNumber: true }));

/** Where identities may stand. */
const triggerPatterns: readonly BytePattern[] = [
  ...ofNumbers(trigger.ipv4, ...upTo(3).map((digits) => [digit, ...dot, ...times(digit, digits), ...dot])),
  // Times of day have two colons; addresses have more, or two together.
  ...of(trigger.colons, spell('::')),
  ...ofNumbers(
    trigger.colons,
    ...upTo(4).flatMap((first) =>
      upTo(4).map((second) => [hex, ...colon, ...times(hex, first), ...colon, ...times(hex, second), ...colon]),
    ),
  ),
  ...ofNumbers(trigger.macDashes, [hex, hex, ...dash, hex, hex, ...dash, hex, hex, ...dash, hex]),
  {
    steps: [...times(hex, 4), ...dot, ...times(hex, 4), ...dot, ...times(hex, 4)],
    triggers: trigger.macDots,
    rule: -1,
    gateFrom: 3,
    isNumber: true,
  },
  ...of(
    trigger.plainMac,
    ...[
      'mac',
      'macaddress',
      'mac_address',
      'mac address',
      'hwaddr',
      'physicaladdress',
      'anentaddress',
      'networkaddresses',
    ].map((name) => [...spell(name), fieldEnd]),
    [...spell('enx'), ...times(hex, 4)],
  ),
  ...of(trigger.sid, spell('s-1-5-21-'), spell('s-1-12-1-')),
  ...of(trigger.at, [local, ...spell('@'), alphanumeric], [local, ...spell('%40'), alphanumeric]),
  ...of(
    trigger.userFolder,
    spell('\\users\\'),
    spell('/home/'),
    spell('documents and settings\\'),
    spell(':/users/'),
    spell('/mnt/c/users/'),
  ),
  ...of(trigger.unc, [...spell('\\\\'), alphanumeric]),
  ...of(trigger.directoryName, spell(',ou='), spell(',cn='), spell(',dc=')),
  ...of(trigger.mark, spell('[masked:')),
  ...identityContexts.flatMap(({ kind, phrases, fields }) => {
    const isUser = kind === 'user';
    return [
      ...of(isUser ? trigger.userPhrase : trigger.hostPhrase, ...phrases.map(spell)),
      ...of(isUser ? trigger.userField : trigger.hostField, ...fields.map((name) => [...spell(name), fieldEnd])),
    ];
  }),
];

/** Everything to look for with these rules; identities only when they are to be replaced. */
export const patternsOf = (rules: readonly RedactionRule[]): BytePattern[] => [
  ...triggerPatterns,
  ...rules.flatMap((rule, at) =>
    rule.hints.map((hint): BytePattern => {
      const pattern = { steps: spell(hint), triggers: 0, rule: at };
      return hint.startsWith('-######-') ? { ...pattern, gateFrom: 6, isNumber: true } : { ...pattern, gateFrom: 0 };
    }),
  ),
];
