/**
 * Program text with its few characters beyond ASCII written as escapes. The engine keeps the text of every file that is
 * loaded, two bytes a character where one alone is beyond Latin-1: nine dashes and quotes in a file of 745 KB cost 745 KB.
 * Escapes mean the same in strings, templates, regular expressions and names; `String.raw` would tell, but holds none of
 * them here. U+2028 and U+2029 stay: they end lines.
 *
 * Text that is mostly such characters (tables of code pages) would become larger, and is left as it is.
 *
 * @param {string} code
 */
export function narrowSource(code) {
  const narrow = code.replace(/(\\*)([\u0080-\u2027\u202a-\uffff])/g, (_, slashes, unit) => {
    // A character that is escaped already, which says nothing beyond itself.
    const before = slashes.length % 2 === 0 ? slashes : slashes.slice(1);
    return `${before}\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return narrow.length < 2 * code.length ? narrow : code;
}
