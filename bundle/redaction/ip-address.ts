/** Reads an IPv6 address (RFC 4291, without a zone) as 16 bytes; undefined when it is none. */
export function parseIpv6(text: string): Buffer | undefined {
  const halves = text.split('::');
  if (halves.length > 2 || text.length > 45) return undefined;
  const read = (part: string): number[] | undefined => {
    if (part === '') return [];
    const groups: number[] = [];
    const words = part.split(':');
    for (const [at, word] of words.entries()) {
      if (word.includes('.')) {
        const quad = at === words.length - 1 ? parseIpv4(word) : undefined;
        if (!quad) return undefined;
        groups.push(((quad[0] as number) << 8) | (quad[1] as number), ((quad[2] as number) << 8) | (quad[3] as number));
      } else if (/^[0-9a-fA-F]{1,4}$/.test(word)) groups.push(Number.parseInt(word, 16));
      else return undefined;
    }
    return groups;
  };
  const left = read(halves[0] ?? '');
  const right = read(halves[1] ?? '');
  if (!left || !right) return undefined;
  const given = left.length + right.length;
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const groups = [...left, ...Array.from({ length: 8 - given }, () => 0), ...right];
  const bytes = Buffer.alloc(16);
  for (const [at, group] of groups.entries()) bytes.writeUInt16BE(group, at * 2);
  return bytes;
}

export function parseIpv4(text: string): Buffer | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  const octets = match?.slice(1).map(Number);
  return octets?.every((octet) => octet <= 255) ? Buffer.from(octets) : undefined;
}
