import { useEffect, useRef } from 'preact/hooks';

export interface Shortcut {
  /** `KeyboardEvent.key`. */
  key: string;
  /** For the sheet that `?` opens. */
  does: string;
  run: () => void;
}

/** The last that was registered wins, so that a panel's Escape comes before the page's. */
const registered: { current: Shortcut[] }[] = [];

export const shortcutsNow = (): Shortcut[] => registered.flatMap((group) => group.current);

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** Keeps shortcuts alive as long as the component is on the page. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const group = useRef(shortcuts);
  group.current = shortcuts;
  useEffect(() => {
    registered.push(group);
    return () => {
      registered.splice(registered.indexOf(group), 1);
    };
  }, []);
}

/** Letters do nothing while the reader types; Escape leaves the field. */
export function listenForShortcuts(): void {
  document.addEventListener('keydown', (event) => {
    // A chart that has the focus uses the arrows and Escape itself and prevents the default.
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) {
      if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
      return;
    }
    const shortcut = shortcutsNow().findLast((candidate) => candidate.key === event.key);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  });
}
