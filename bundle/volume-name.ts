/** What a volume's file name says. */
export interface VolumeName {
  /** Node or `telemetry`; volumes of one base continue each other. */
  base: string;
  number: number;
  encrypted: boolean;
}

/** `node-1.v002.zip` or `node-1.v002.zip.age`; undefined for anything else. */
export function parseVolumeName(name: string): VolumeName | undefined {
  const match = /^(.+)\.v(\d{3,5})\.zip(\.age)?$/.exec(name);
  if (!match?.[1]) return undefined;
  return { base: match[1], number: Number(match[2]), encrypted: match[3] !== undefined };
}
