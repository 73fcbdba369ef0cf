import { againContract } from './contract/again.ts';
import { openStore } from './open-store.ts';

againContract(openStore);
