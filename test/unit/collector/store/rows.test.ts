import { rowsContract } from './contract/rows.ts';
import { openStore } from './open-store.ts';

rowsContract(openStore);
