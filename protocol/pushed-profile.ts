/**
 * Profiles that a collector pushes to its nodes. Each is one document, the exact bytes of a JSON text, with a detached
 * minisign signature of the site's profile key; a withdrawal is a document of the next version without content.
 * `GET /agent/v1/profiles` answers with all that hold; the control stream says when to ask.
 */

/** What a document says. Neither list named: for every node. */
export interface PushedProfile {
  name: string;
  /** From 1, growing with every push and withdrawal of this name: a node never goes back. */
  version: number;
  nodes: readonly string[];
  /** For nodes in whose own profile one of these layers is, such as `sql-server`. */
  roles: readonly string[];
  issuedUnixMs: number;
  /** From then on a node does without it. */
  expiresUnixMs: number;
  withdrawn: boolean;
  /** A profile layer, YAML; empty when withdrawn. */
  text: string;
}

export interface SignedProfile {
  document: string;
  /** Text of a `.minisig` file over the document's bytes. */
  signature: string;
}

/** A key of the site, and what the key before it says of it: a signature over `keyStatement`. Null for the first. */
export interface ProfileKeyLink {
  publicKey: string;
  signature: string | null;
}

export interface ProfilesAnswer {
  /** All keys the site has had, oldest first; the last one has signed the documents. */
  keys: ProfileKeyLink[];
  profiles: SignedProfile[];
}

export const profileLimits = {
  textBytes: 64 * 1024,
  documentBytes: 256 * 1024,
  documents: 64,
  keys: 100,
  targets: 1000,
};
export const profileNamePattern = '^[a-z0-9][a-z0-9-]{0,62}$';

const format = 'sextant-profile/1';

/** What a key signs to make another one its successor; no document begins like it. */
export const keyStatement = (publicKey: string): string => `sextant-profile-key/1\n${publicKey}\n`;

export const formatDocument = (profile: PushedProfile): string => JSON.stringify({ format, ...profile });

const isName = (value: unknown): boolean => typeof value === 'string' && new RegExp(profileNamePattern).test(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isTargets = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length <= profileLimits.targets &&
  value.every((each) => isText(each) && each !== '' && each.length <= 255);

const fields: Record<keyof PushedProfile, (value: unknown) => boolean> = {
  name: isName,
  version: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  nodes: isTargets,
  roles: isTargets,
  issuedUnixMs: Number.isSafeInteger,
  expiresUnixMs: Number.isSafeInteger,
  withdrawn: (value) => typeof value === 'boolean',
  text: (value) => isText(value) && Buffer.byteLength(value) <= profileLimits.textBytes,
};

/** Reads a document whose signature holds. Written out, since the schema library is memory that agents do without. */
export function parseDocument(document: string): PushedProfile {
  if (Buffer.byteLength(document) > profileLimits.documentBytes) throw new Error('the document is too long');
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(document);
  } catch {
    throw new Error('the document is not JSON');
  }
  if (value?.format !== format) throw new Error(`the document is not ${format}`);
  const wrong = Object.entries(fields).find(([name, check]) => !check(value[name]));
  if (wrong) throw new Error(`the document has no usable ${wrong[0]}`);
  return Object.fromEntries(Object.keys(fields).map((name) => [name, value[name]])) as unknown as PushedProfile;
}

/** Whether a node of these roles is meant. */
export const isFor = (profile: PushedProfile, node: string, roles: readonly string[]): boolean =>
  (profile.nodes.length === 0 && profile.roles.length === 0) ||
  profile.nodes.includes(node) ||
  profile.roles.some((role) => roles.includes(role));

/** Reads what a collector answered, as far as its shape goes; the signatures are for who has the keys. */
export function parseProfilesAnswer(body: string): ProfilesAnswer {
  const value = JSON.parse(body) as Partial<ProfilesAnswer> | null;
  const { keys, profiles } = value ?? {};
  const good =
    Array.isArray(keys) &&
    keys.length <= profileLimits.keys &&
    keys.every((key) => isText(key?.publicKey) && (key.signature === null || isText(key.signature))) &&
    Array.isArray(profiles) &&
    profiles.length <= profileLimits.documents &&
    profiles.every((profile) => isText(profile?.document) && isText(profile.signature));
  if (!good) throw new Error('the collector answered with something else than profiles');
  return { keys, profiles };
}
