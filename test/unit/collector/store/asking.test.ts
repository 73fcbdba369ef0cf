import { askingContract } from './contract/asking.ts';
import { openStore } from './open-store.ts';

askingContract(openStore);
