import type { SessionInfo } from '../api/shapes/access.ts';
import type { State } from '../state/state.ts';
import { hashSecret, randomSecret, sameHash } from './secret.ts';

type TokenKind = 'enroll' | 'signin' | 'api' | 'ingest';
export type Role = SessionInfo['role'];

const minuteMs = 60_000;
/** How long a token of each kind lives unless its maker says otherwise. */
const tokenLifetimeMs = {
  enroll: 60 * minuteMs,
  signin: 15 * minuteMs,
  api: 90 * 24 * 60 * minuteMs,
  ingest: 365 * 24 * 60 * minuteMs,
} as const satisfies Record<TokenKind, number>;

/** The longest that a maker may ask for: 10 years. */
export const longestLifetimeMs = 3650 * 24 * 60 * minuteMs;

interface TokenGrant {
  kind: TokenKind;
  name: string;
  role: Role;
}

type TokenVerdict = { ok: true; grant: TokenGrant } | { ok: false; why: 'unknown' | 'used' | 'expired' | 'revoked' };

/** A token that can still be used, without its secret. */
export interface TokenEntry {
  /** Enough of the hash to name it; of no use to anybody who wants in. */
  id: string;
  kind: string;
  name: string;
  role: string;
  createdBy: string;
  createdUnixMs: number;
  expiresUnixMs: number;
}

/**
 * Tokens are stored as SHA-256 only; `enroll` and `signin` work once, `api` and `ingest` until they expire or are
 * revoked.
 */
export interface Tokens {
  create(options: TokenGrant & { createdBy: string; ttlMs?: number }): { secret: string; expiresUnixMs: number };
  /** Looks without spending. */
  check(kind: TokenKind, secret: string): TokenVerdict;
  /**
   * Spends a one-time token, or says why not. Of any number of callers with one token exactly one gets `ok`.
   * Joins the caller's transaction: what rolls back is not spent.
   */
  spend(kind: 'enroll' | 'signin', secret: string, usedBy: string): TokenVerdict;
  /** Those that can still be used, oldest first. */
  list(): TokenEntry[];
  /** Who made a token that signs in as this user, who made theirs, and so on; spent and ended ones count. */
  makersOf(user: string): Set<string>;
  /** Ends a token at once; undefined when there is none that can be used. */
  revoke(id: string): TokenEntry | undefined;
}

export function createTokens(state: State, capabilities: { nowMs: () => number }): Tokens {
  const { nowMs } = capabilities;
  const insert = state.database.prepare(
    `INSERT INTO tokens (hash, kind, name, role, created_by, created_unix_ms, expires_unix_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const select = state.database.prepare(
    'SELECT hash, kind, name, role, expires_unix_ms, used_unix_ms, revoked_unix_ms FROM tokens WHERE hash = ?',
  );
  const use = state.database.prepare(
    'UPDATE tokens SET used_unix_ms = ?, used_by = ? WHERE hash = ? AND used_unix_ms IS NULL',
  );
  const usable = state.database.prepare(
    `SELECT hash, kind, name, role, created_by, created_unix_ms, expires_unix_ms FROM tokens
     WHERE used_unix_ms IS NULL AND revoked_unix_ms IS NULL AND expires_unix_ms > ? ORDER BY created_unix_ms, hash`,
  );
  const end = state.database.prepare('UPDATE tokens SET revoked_unix_ms = ? WHERE substr(hash, 1, 16) = ?');
  const makers = state.database.prepare(
    `WITH RECURSIVE makers (name) AS (
       SELECT created_by FROM tokens WHERE name = ? AND kind IN ('api', 'signin')
       UNION
       SELECT created_by FROM tokens JOIN makers ON tokens.name = makers.name WHERE kind IN ('api', 'signin')
     ) SELECT name FROM makers`,
  );
  const list = (): TokenEntry[] =>
    usable.all(nowMs()).map((row) => ({
      id: String(row.hash).slice(0, 16),
      kind: String(row.kind),
      name: String(row.name),
      role: String(row.role),
      createdBy: String(row.created_by),
      createdUnixMs: Number(row.created_unix_ms),
      expiresUnixMs: Number(row.expires_unix_ms),
    }));

  const check = (kind: TokenKind, secret: string): TokenVerdict => {
    const hash = hashSecret(secret);
    const row = select.get(hash);
    if (!row || !sameHash(String(row.hash), hash) || row.kind !== kind) return { ok: false, why: 'unknown' };
    if (row.revoked_unix_ms !== null) return { ok: false, why: 'revoked' };
    if (row.used_unix_ms !== null) return { ok: false, why: 'used' };
    if (Number(row.expires_unix_ms) <= nowMs()) return { ok: false, why: 'expired' };
    return { ok: true, grant: { kind, name: String(row.name), role: row.role as Role } };
  };

  return {
    check,
    list,
    makersOf: (user) => new Set(makers.all(user).map((row) => String(row.name))),
    revoke(id) {
      const entry = list().find((candidate) => candidate.id === id);
      if (entry) end.run(nowMs(), id);
      return entry;
    },
    create({ kind, name, role, createdBy, ttlMs = tokenLifetimeMs[kind] }) {
      const secret = randomSecret();
      const createdUnixMs = nowMs();
      const expiresUnixMs = createdUnixMs + ttlMs;
      insert.run(hashSecret(secret), kind, name, role, createdBy, createdUnixMs, expiresUnixMs);
      return { secret, expiresUnixMs };
    },
    spend(kind, secret, usedBy) {
      const verdict = check(kind, secret);
      if (!verdict.ok) return verdict;
      const spent = use.run(nowMs(), usedBy, hashSecret(secret)).changes;
      return Number(spent) === 1 ? verdict : { ok: false, why: 'used' };
    },
  };
}
