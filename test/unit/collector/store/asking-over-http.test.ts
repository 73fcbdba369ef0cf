import { askingContract } from './contract/asking.ts';
import { openServedStore } from './open-served-store.ts';

askingContract(openServedStore);
