import type { SQLOutputValue } from 'node:sqlite';
import type { ProfileReport } from '../../protocol/control.ts';
import type { PushedProfile } from '../../protocol/pushed-profile.ts';
import type { State } from '../state/state.ts';

/** A version of a pushed profile, and who pushed or withdrew it. */
export type StoredProfile = PushedProfile & { pushedBy: string };

/** Pushed profiles and what nodes said of them, in state.db. */
export interface ProfileTable {
  /** The newest version of each name, sorted by name. */
  newest(): StoredProfile[];
  add(profile: StoredProfile): void;
  /** The latest end of any version of this name. */
  lastEnd(name: string): number;
  reports(): { node: string; report: ProfileReport; atUnixMs: number }[];
  saveReport(node: string, report: ProfileReport, atUnixMs: number): void;
}

export function createProfileTable({ database }: State): ProfileTable {
  const select = database.prepare(`
    SELECT * FROM pushed_profiles AS one
    WHERE version = (SELECT max(version) FROM pushed_profiles WHERE name = one.name)
    ORDER BY name`);
  const insert = database.prepare(`
    INSERT INTO pushed_profiles
      (name, version, text, nodes, roles, issued_unix_ms, expires_unix_ms, withdrawn, pushed_by)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const end = database.prepare('SELECT max(expires_unix_ms) AS last FROM pushed_profiles WHERE name = ?');
  const selectReports = database.prepare('SELECT node, report, at_unix_ms FROM profile_reports ORDER BY node');
  const upsertReport = database.prepare(
    'INSERT OR REPLACE INTO profile_reports (node, report, at_unix_ms) VALUES (?, ?, ?)',
  );
  return {
    newest: () => select.all().map(toProfile),
    add(profile) {
      insert.run(
        profile.name,
        profile.version,
        profile.text,
        JSON.stringify(profile.nodes),
        JSON.stringify(profile.roles),
        profile.issuedUnixMs,
        profile.expiresUnixMs,
        profile.withdrawn ? 1 : 0,
        profile.pushedBy,
      );
    },
    lastEnd: (name) => Number(end.get(name)?.last ?? 0),
    reports: () =>
      selectReports.all().map((row) => ({
        node: String(row.node),
        report: JSON.parse(String(row.report)) as ProfileReport,
        atUnixMs: Number(row.at_unix_ms),
      })),
    saveReport: (node, report, atUnixMs) => void upsertReport.run(node, JSON.stringify(report), atUnixMs),
  };
}

const toProfile = (row: Record<string, SQLOutputValue>): StoredProfile => ({
  name: String(row.name),
  version: Number(row.version),
  nodes: JSON.parse(String(row.nodes)),
  roles: JSON.parse(String(row.roles)),
  issuedUnixMs: Number(row.issued_unix_ms),
  expiresUnixMs: Number(row.expires_unix_ms),
  withdrawn: row.withdrawn === 1,
  text: String(row.text),
  pushedBy: String(row.pushed_by),
});
