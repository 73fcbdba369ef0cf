/**
 * Profiles that are pushed, as `/api/v1` answers; the command line and the dashboard import these types.
 * Times are RFC 3339 with nanoseconds where the source has them; durations and offsets are milliseconds.
 */

/** What a node said of a version of a pushed profile. */
export interface ProfileOutcome {
  node: string;
  version: number;
  state: 'applied' | 'not-for-this-node' | 'expired' | 'refused' | 'withdrawn';
  reason: string | null;
  at: string;
}

/** The newest version of a profile that was pushed. */
export interface PushedProfileRow {
  name: string;
  version: number;
  state: 'active' | 'withdrawn' | 'expired';
  /** With `roles` empty too: every node. */
  nodes: string[];
  roles: string[];
  /** Of `roles`, those that no node is known to have. */
  rolesWithoutNode: string[];
  issuedAt: string;
  expiresAt: string;
  pushedBy: string;
  bytes: number;
  /** Also of the earlier version that a node keeps beside one that it refused. */
  outcomes: ProfileOutcome[];
  /** Nodes that have not said anything of this version yet. */
  waiting: string[];
}

export interface PushedProfileText extends PushedProfileRow {
  text: string;
  /** The bytes that nodes are sent, and the minisign signature over them. */
  document: string;
  signature: string;
}

export interface NodeOfProfiles {
  node: string;
  keyId: string | null;
  error: string | null;
  /** Names of its own profiles, which `roles` can name; null when its agent does not tell them. */
  roles: string[] | null;
  at: string;
}

export interface PushedProfileList {
  /** Of the key that signs; null before the first use. */
  keyId: string | null;
  profiles: PushedProfileRow[];
  /** What each node believes, and why it takes nothing. */
  nodes: NodeOfProfiles[];
}

export interface ProfileKeyInfo {
  keyId: string;
  /** As it stands in a `.pub` file. */
  publicKey: string;
  /** Public keys before it, oldest first. */
  earlier: string[];
}
