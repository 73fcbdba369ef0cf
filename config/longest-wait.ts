/** What a timer of Node takes, 2^31 − 1 ms, in whole days less a reserve; a longer one would be over at once. */
export const longestWaitMs = 20 * 86_400_000;
