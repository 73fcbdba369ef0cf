import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parseJournalFileName } from '../journal/file-name.ts';
import { scanJournal } from '../journal/scan.ts';
import type { Store } from '../store/store.ts';
import { storedTables } from '../store/tables.ts';
import { damagedParts } from './storage.ts';

/** One thing that was looked at; `faults` is empty when it is whole. */
export interface CheckedPart {
  what: string;
  looked: string;
  faults: string[];
}

/** Looks whether everything that is stored is as it was written: tables, journal, state. Changes nothing. */
export async function* checkCollector({
  folder,
  store,
  database,
}: {
  folder: string;
  store: Pick<Store, 'query' | 'maintain'>;
  database: DatabaseSync;
}): AsyncGenerator<CheckedPart> {
  yield checkState(database);
  yield checkJournal(join(folder, 'journal'));
  for (const { name } of storedTables) {
    const damaged = await damagedParts(store, name);
    yield {
      what: name,
      looked: 'checksums of every part',
      faults: damaged.map(({ part, message }) => `${part}: ${message}`),
    };
  }
}

function checkState(database: DatabaseSync): CheckedPart {
  const rows = database.prepare('PRAGMA integrity_check').all();
  const words = rows.map((row) => String(row.integrity_check));
  return { what: 'state.db', looked: 'integrity', faults: words.filter((word) => word !== 'ok') };
}

function checkJournal(folder: string): CheckedPart {
  const faults: string[] = [];
  let files = 0;
  for (const name of readdirSync(folder)) {
    if (!parseJournalFileName(name)) continue;
    let content: Buffer;
    try {
      content = readFileSync(join(folder, name));
    } catch (error) {
      // Storage has taken it meanwhile.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    files++;
    // A torn tail is a write on its way, or one that a crash cut and nobody was told of.
    for (const { start, end, fault } of scanJournal(content).damaged) {
      faults.push(`${name}: bytes ${start} to ${end} are no batch (${fault})`);
    }
  }
  return { what: 'journal', looked: `${files} files`, faults };
}
