/** Whether one of the texts holds what `--grep` asks for, whatever the case; always when nothing was asked for. */
export function holds(texts: readonly string[], wanted: string | undefined): boolean {
  return wanted === undefined || texts.some((text) => text.toLowerCase().includes(wanted.toLowerCase()));
}
