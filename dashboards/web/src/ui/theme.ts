import { signal } from '@preact/signals';

const query = window.matchMedia('(prefers-color-scheme: dark)');

/** Follows the system. Style sheets do so by themselves; a canvas has to be told. */
export const dark = signal(query.matches);

query.addEventListener('change', () => {
  dark.value = query.matches;
});

/** Value of a custom property as the style sheet has it now. */
export const themeValue = (property: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(property).trim();
