import type { State } from '../state/state.ts';
import { hashSecret, randomSecret } from './secret.ts';
import type { Role } from './tokens.ts';

export const sessionLifetimeMs = 12 * 3_600_000;

interface Session {
  user: string;
  role: Role;
}

/** Who is signed in with a browser; kept as hashes in state.db, so that a restart signs nobody out. */
export interface Sessions {
  /** Returns the cookie's value. */
  open(session: Session): string;
  find(cookie: string): Session | undefined;
  close(cookie: string): void;
}

export function createSessions(state: State, capabilities: { nowMs: () => number }): Sessions {
  const { nowMs } = capabilities;
  const insert = state.database.prepare(
    'INSERT INTO sessions (hash, user, role, created_unix_ms, expires_unix_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const select = state.database.prepare('SELECT user, role FROM sessions WHERE hash = ? AND expires_unix_ms > ?');
  const remove = state.database.prepare('DELETE FROM sessions WHERE hash = ?');
  const removeExpired = state.database.prepare('DELETE FROM sessions WHERE expires_unix_ms <= ?');
  return {
    open({ user, role }) {
      const cookie = randomSecret();
      const now = nowMs();
      removeExpired.run(now);
      insert.run(hashSecret(cookie), user, role, now, now + sessionLifetimeMs);
      return cookie;
    },
    find(cookie) {
      const row = select.get(hashSecret(cookie), nowMs());
      return row && { user: String(row.user), role: row.role as Role };
    },
    close(cookie) {
      remove.run(hashSecret(cookie));
    },
  };
}
