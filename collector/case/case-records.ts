import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Findings, parseFindings } from '../../bundle/analysis/finding.ts';
import { type Coverage, parseCoverage } from '../../bundle/coverage.ts';
import type { AlertRow } from '../api/shapes/alerts.ts';
import type { NodeInventory } from '../nodes/registry.ts';

/** A bundle of a case. */
export interface CaseBundle {
  id: string;
  name: string;
  site: string;
  manifest: string;
  keyId: string;
  trust: 'pinned' | 'self-declared';
  coverage: Coverage;
  alerts: AlertRow[];
  findings: Findings | undefined;
  damaged: { part: string; detail: string }[];
  records: number;
  samples: number;
  unread: number;
  complete: boolean;
}

export interface CaseFile {
  bundle: string;
  node: string;
  path: string;
  bytes: number;
  modifiedAt: string;
  volume: string;
}

/** What a case knows of its bundles beside telemetry, in `case.db`. */
export interface CaseRecords {
  /** By the end of their windows, oldest first. */
  bundles(): CaseBundle[];
  save(bundle: CaseBundle): void;
  /** Site of the first bundle of the case: this one when there was none. */
  homeSite(site: string): string;
  saveInventory(bundle: string, node: string, inventory: NodeInventory): void;
  /** The newest one. */
  inventory(node: string): NodeInventory | undefined;
  saveFile(file: Omit<CaseFile, 'modifiedAt'> & { modifiedMs: number }): void;
  countFiles(bundle: string): number;
  /** Files whose path holds `text`. */
  files(query: { bundle?: string | undefined; node?: string | undefined; text: string; limit: number }): CaseFile[];
  /** Runs work in one transaction. */
  together<T>(work: () => T): T;
  close(): void;
}

const schema = readFileSync(join(import.meta.dirname, 'case.sql'), 'utf8');
export const caseDatabase = 'case.db';

export function openCaseRecords(folder: string): CaseRecords {
  const path = join(folder, caseDatabase);
  const database = new DatabaseSync(path, { timeout: 5000 });
  chmodSync(path, 0o600);
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;');
  database.exec(schema);
  const save = database.prepare(
    `INSERT OR REPLACE INTO bundles (id, name, site, manifest, key_id, trust, finished_at, coverage, alerts, findings,
     damaged, records, samples, unread, complete) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const all = database.prepare('SELECT * FROM bundles');
  const saveHome = database.prepare('INSERT OR IGNORE INTO home VALUES (1, ?)');
  const home = database.prepare('SELECT site FROM home');
  const saveInventory = database.prepare('INSERT OR REPLACE INTO inventories VALUES (?, ?, ?)');
  const inventory = database.prepare(
    `SELECT inventory FROM inventories JOIN bundles ON bundles.id = inventories.bundle
     WHERE node = ? ORDER BY finished_at DESC LIMIT 1`,
  );
  const saveFile = database.prepare('INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)');
  const countFiles = database.prepare('SELECT count(*) AS count FROM files WHERE bundle = ?');
  const files = database.prepare(
    `SELECT bundle, node, path, bytes, modified_unix_ms, volume FROM files
     WHERE (? = '' OR bundle = ?) AND (? = '' OR node = ?) AND instr(lower(path), lower(?)) > 0
     ORDER BY node, path LIMIT ?`,
  );

  return {
    bundles: () =>
      all
        .all()
        .map((row): CaseBundle => {
          const coverage = parseCoverage(String(row.coverage));
          if (!coverage) throw new Error(`BUG: ${caseDatabase} holds coverage that is none`);
          return {
            id: String(row.id),
            name: String(row.name),
            site: String(row.site),
            manifest: String(row.manifest),
            keyId: String(row.key_id),
            trust: row.trust === 'pinned' ? 'pinned' : 'self-declared',
            coverage,
            alerts: JSON.parse(String(row.alerts)),
            findings: row.findings === null ? undefined : parseFindings(String(row.findings)),
            damaged: JSON.parse(String(row.damaged)),
            records: Number(row.records),
            samples: Number(row.samples),
            unread: Number(row.unread),
            complete: Number(row.complete) === 1,
          };
        })
        .sort((a, b) => a.coverage.bundle.until.localeCompare(b.coverage.bundle.until)),
    save: (bundle) =>
      void save.run(
        bundle.id,
        bundle.name,
        bundle.site,
        bundle.manifest,
        bundle.keyId,
        bundle.trust,
        bundle.coverage.bundle.finishedAt,
        JSON.stringify(bundle.coverage),
        JSON.stringify(bundle.alerts),
        bundle.findings ? JSON.stringify(bundle.findings) : null,
        JSON.stringify(bundle.damaged),
        bundle.records,
        bundle.samples,
        bundle.unread,
        bundle.complete ? 1 : 0,
      ),
    homeSite: (site) => {
      saveHome.run(site);
      return String(home.get()?.site);
    },
    saveInventory: (bundle, node, value) => void saveInventory.run(bundle, node, JSON.stringify(value)),
    inventory: (node) => {
      const row = inventory.get(node);
      return row && (JSON.parse(String(row.inventory)) as NodeInventory);
    },
    saveFile: ({ bundle, node, path, bytes, modifiedMs, volume }) =>
      void saveFile.run(bundle, node, path, bytes, Math.round(modifiedMs), volume),
    countFiles: (bundle) => Number(countFiles.get(bundle)?.count ?? 0),
    files: ({ bundle = '', node = '', text, limit }) =>
      files.all(bundle, bundle, node, node, text, limit).map((row) => ({
        bundle: String(row.bundle),
        node: String(row.node),
        path: String(row.path),
        bytes: Number(row.bytes),
        modifiedAt: new Date(Number(row.modified_unix_ms)).toISOString(),
        volume: String(row.volume),
      })),
    together(work) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}
