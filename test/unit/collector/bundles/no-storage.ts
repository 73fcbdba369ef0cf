import type { Store } from '../../../../collector/store/store.ts';

const refuse = (): Promise<never> => Promise.reject(new Error('there is no storage here'));

/** For bundles of sites whose storage cannot be asked. */
export const noStorage: Pick<Store, 'query' | 'local'> = { query: refuse, local: { command: refuse, rows: refuse } };
