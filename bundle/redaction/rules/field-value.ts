import { entityQuote, inBytes, inEntities, quote, quoted, unmarked } from '../rule.ts';

/** A text in quotes, which may be escaped. */
const text = `\\\\{0,7}"(?:(?!\\\\{0,7}")[^\\r\\n])+\\\\{0,7}"`;
/** All of a list, which gets one mark. */
const list = `(?<=\\[[ \\t\\r\\n]{0,40})(?:${text}(?:[ \\t]{0,4},[ \\t]{0,4}${text}){0,64}|'[^'\\r\\n]+'(?:[ \\t]{0,4},[ \\t]{0,4}'[^'\\r\\n]+'){0,64})|(?<=\\[[ \\t]{0,4}${entityQuote})(?!\\[masked:)[^<>\\]\\r\\n]{1,2000}(?=${entityQuote}[ \\t]*\\])`;
/** Where a line ends, or its string. */
export const end = '["\\r\\n]|$';
/** Colours of a terminal, as they are or as JSON, shells and rsyslog write their first character. */
export const colours = '(?:(?:\\x1b|\\\\{1,3}u001b|\\\\(?:x1b|033|e)|#033)\\[[0-9;]{0,11}m){0,2}';
/** What stands between a name and its value; `::` is a namespace, or LDIF's sign for base64. */
export const sign = `(?:=>|:=|->(?=[ \\t])|={1,3}|::(?=[ \\t])|:(?!:)|${inBytes('：')}|${inBytes('＝')}|\\\\{1,3}u003d)`;
/** A value up to where its syntax ends: quotes (also escaped ones, and those of XML), blanks, separators. */
export const value = `(?:(?:bearer|basic|token|!!str)[ \\t]+)?(?:(?:[NBRU]{1,2}|\\$)(?=\\\\{0,7}["']|${entityQuote})|(?:Some|String|SecureString|Secret|Sensitive|Just|MD5|SHA\\d{1,3}|PASSWORD|ENCRYPT|CRYPT)\\([ ]?(?=${quote})|string\\(\\d{1,5}\\)[ ](?=${quote})|hex(?:\\([0-9a-f]{1,2}\\))?:(?=[0-9a-f]{2}(?:,|${end}))|\\{(?:noop|plain|cleartext)\\})?(?!hex(?:\\([0-9a-f]{1,2}\\))?:\\[masked:)(?:${entityQuote})?(?:\\[(?=[^\\[\\] \\t\\r\\n"',;=:]{4,64}\\]))?${unmarked}(?<secret>${list}|${quoted}|${inEntities}|(?<=hex(?:\\([0-9a-f]{1,2}\\))?:)[0-9a-f]{2}(?:,[0-9a-f]{2})*|\\{[^{}\\r\\n"', \\t:=]+\\}|(?!["'{\\[\\\\])[^ \\t\\r\\n"',;&<>)}\\]\\x1b]+)`;
/** A path to a file that holds a key is no key. */
export const noKeyFile = `(?!${quote}?(?:/|\\.{1,2}/|~/|[A-Z]:[\\\\/])[A-Za-z0-9_./\\\\ :~-]{1,200}\\.(?:pem|key|p8|pk8|der|pfx|p12|ppk)(?![A-Za-z0-9]))`;
