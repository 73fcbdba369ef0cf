export const priorities = ['critical', 'normal', 'bulk'] as const;
/** What is sent first and dropped last comes first. */
export type PriorityClass = (typeof priorities)[number];
