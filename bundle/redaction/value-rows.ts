/** Rows below a line that says what they are, each of which holds a secret. */
export interface ValueRows {
  /** The line above. */
  begins: RegExp;
  /** A row, cut at its secret. */
  row: RegExp;
  /** Lines among them that hold none. */
  passes?: RegExp;
}

const accounts =
  /^(?<before>[ \t]*(?:-[ \t]+)?["']?[A-Za-z_][A-Za-z0-9_.@\\$-]{0,63}:)(?<value>[^ \t\r\n:"']{3,256})(?<after>["']?[ \t\r\n]*)$/;

/** Files that are told by a line above, so that no value needs a name of its own. */
const valueRows: readonly ValueRows[] = [
  // Ansible's vault: hexadecimal digits to its end.
  {
    begins: /\$ANSIBLE_VAULT;\d[^\r\n]{0,80}[\r\n]*$/,
    row: /^(?<before>[ \t]*)(?<value>[0-9a-f]{2,160})(?<after>[ \t\r\n]*)$/,
  },
  // Communities of Windows' agent for SNMP are names of values, in exports and in what `reg query` prints.
  {
    begins: /\\(?:Valid|Trap)Communities\]?[ \t\r\n]*$/i,
    row: /^(?<before>[ \t]+|"|@=")(?<value>[^"\r\n]{1,255}?)(?<after>(?:"=|[ \t]{4}REG_)[^\r\n]*[\r\n]*)$/,
  },
  // cloud-init's list, and what scripts feed to the program of that name.
  {
    begins: /^[ \t]*chpasswd:[ \t\r\n]*$|\bchpasswd\b[^\r\n|]{0,40}<<-?[ \t]*["']?[A-Za-z_]+["']?[ \t\r\n]*$/,
    row: accounts,
    passes: /^[ \t]+(?:list:[ \t]*[|>]?[-+]?|expire:[^\r\n]{0,20})[ \t\r\n]*$/,
  },
  // pppd's secrets, told by their comment.
  {
    begins: /^#[ \t]*client[ \t]+server[ \t]+secret\b/i,
    row: /^(?<before>(?!#)[ \t]*(?:"[^"\r\n]*"|[^ \t\r\n]+)[ \t]+(?:"[^"\r\n]*"|[^ \t\r\n]+)[ \t]+"?)(?<value>(?<=")[^"\r\n]+|[^ \t\r\n"]+)(?<after>"?(?:[ \t][^\r\n]*)?[\r\n]*)$/,
    passes: /^#|^[ \t\r\n]*$/,
  },
];

/** Words that the lines above have; nearly all others are told by them. */
const above = /\$ANSIBLE|Communities|chpasswd|^#[ \t]*client/i;

/** The rows that this line is above of. */
export const rowsBelow = (line: string): ValueRows | undefined =>
  above.test(line) ? valueRows.find(({ begins }) => begins.test(line)) : undefined;
