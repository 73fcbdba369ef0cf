import { closed, createSection, Priority, TextSet } from './section.ts';

/** Log files that are followed. */
export const files = createSection(
  closed({
    priority: Priority(),
    /** Globs. */
    follow: TextSet(),
    exclude: TextSet(),
  }),
  { priority: 'normal', follow: [], exclude: [] },
);
