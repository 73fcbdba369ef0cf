import { rowsContract } from './contract/rows.ts';
import { openServedStore } from './open-served-store.ts';

rowsContract(openServedStore);
