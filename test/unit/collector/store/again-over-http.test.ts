import { againContract } from './contract/again.ts';
import { openServedStore } from './open-served-store.ts';

againContract(openServedStore);
