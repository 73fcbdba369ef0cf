/** `npm run test:long` asks for the full counts; the everyday run takes smaller ones of the same tests. */
export const long: boolean = process.env.SEXTANT_TEST_LONG === '1';

/** How many times to do something: `short` in an everyday run, `many` in a long one. */
export const count = (short: number, many: number): number => (long ? many : short);
