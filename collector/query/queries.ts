import type { Store } from '../store/store.ts';

/** The part of storage that readers need. */
export type Queries = Pick<Store, 'query'>;
