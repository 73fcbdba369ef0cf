/**
 * How long a test waits for what must come, before it gives up. Nothing is measured by it: a machine that has much else to do
 * may need seconds for what takes it milliseconds.
 */
export const patient = { timeout: 20_000 } as const;
