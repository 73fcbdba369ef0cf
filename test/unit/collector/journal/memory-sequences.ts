import { DatabaseSync } from 'node:sqlite';
import type { SequenceStore } from '../../../../collector/journal/sequences.ts';
import { createSequenceStore } from '../../../../collector/state/sequences.ts';

/** The real thing over a database file or, by default, one in memory. */
export const sequencesIn = (path = ':memory:'): SequenceStore => createSequenceStore(new DatabaseSync(path));
