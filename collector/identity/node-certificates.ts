import type { State } from '../state/state.ts';
import type { IssuedCertificate } from './authority.ts';

interface NodeCertificate {
  node: string;
  serial: string;
  notAfterUnixMs: number;
  revokedUnixMs: number | null;
}

/** Which certificate belongs to which node; what is not in here proves nothing, whoever signed it. */
export interface NodeCertificates {
  /** Joins the caller's transaction. */
  record(node: string, certificate: IssuedCertificate): void;
  find(fingerprint: string): NodeCertificate | undefined;
  /** Whether the node has a certificate that was not revoked. */
  isEnrolled(node: string): boolean;
  /** End of the longest-lived certificate of each node that is not revoked. */
  ends(): Map<string, number>;
  /** Revokes all certificates of a node; returns how many there were left to revoke. */
  revoke(node: string, why: string): number;
}

export function createNodeCertificates(state: State, capabilities: { nowMs: () => number }): NodeCertificates {
  const { database } = state;
  const insert = database.prepare(
    `INSERT INTO certificates (fingerprint, serial, node, not_before_unix_ms, not_after_unix_ms) VALUES (?, ?, ?, ?, ?)`,
  );
  const select = database.prepare(
    'SELECT node, serial, not_after_unix_ms, revoked_unix_ms FROM certificates WHERE fingerprint = ?',
  );
  const latest = database.prepare(
    'SELECT node, max(not_after_unix_ms) AS ends FROM certificates WHERE revoked_unix_ms IS NULL GROUP BY node',
  );
  const unrevoked = database.prepare('SELECT 1 FROM certificates WHERE node = ? AND revoked_unix_ms IS NULL LIMIT 1');
  const revoke = database.prepare(
    'UPDATE certificates SET revoked_unix_ms = ?, revoked_why = ? WHERE node = ? AND revoked_unix_ms IS NULL',
  );
  return {
    record(node, { fingerprint, serial, notBeforeUnixMs, notAfterUnixMs }) {
      insert.run(fingerprint, serial, node, notBeforeUnixMs, notAfterUnixMs);
    },
    find(fingerprint) {
      const row = select.get(fingerprint);
      if (!row) return undefined;
      return {
        node: String(row.node),
        serial: String(row.serial),
        notAfterUnixMs: Number(row.not_after_unix_ms),
        revokedUnixMs: row.revoked_unix_ms === null ? null : Number(row.revoked_unix_ms),
      };
    },
    isEnrolled: (node) => unrevoked.get(node) !== undefined,
    ends: () => new Map(latest.all().map((row) => [String(row.node), Number(row.ends)])),
    revoke: (node, why) => Number(revoke.run(capabilities.nowMs(), why, node).changes),
  };
}
