import { signal } from '@preact/signals';

/** Where the reader is. Range, query and selection live in here, so that a link shows what its sender saw. */
export interface Place {
  path: string;
  params: URLSearchParams;
}

/** Parameters that stay when the reader goes to another page. */
const carried = ['since', 'until', 'zone'] as const;

const read = (): Place => ({ path: window.location.pathname, params: new URLSearchParams(window.location.search) });

export const place = signal<Place>(read());

const write = (path: string, params: URLSearchParams): string => {
  const query = params.toString();
  return query === '' ? path : `${path}?${query}`;
};

/** Address of another page with the range and zone of this one. */
export function addressOf(path: string, params: Record<string, string | null> = {}): string {
  const next = new URLSearchParams();
  for (const name of carried) {
    const value = place.value.params.get(name);
    if (value !== null) next.set(name, value);
  }
  for (const [name, value] of Object.entries(params)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return write(path, next);
}

/** Goes to an address of this app; `replace` leaves no step for the back button. */
function go(address: string, options: { replace?: boolean } = {}): void {
  if (options.replace) window.history.replaceState(null, '', address);
  else window.history.pushState(null, '', address);
  place.value = read();
}

/** Changes parameters of the present page; null removes one. Does nothing when nothing changes. */
export function setParams(changes: Record<string, string | null>, options: { replace?: boolean } = {}): void {
  const params = new URLSearchParams(place.value.params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const address = write(place.value.path, params);
  if (address !== write(place.value.path, place.value.params)) go(address, options);
}

/** Follows the back button, and turns plain clicks on links of this app into steps without a reload. */
export function followLinks(): void {
  window.addEventListener('popstate', () => {
    place.value = read();
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = event.target instanceof Element ? event.target.closest('a') : null;
    if (anchor?.target !== '' || anchor.hasAttribute('download')) return;
    const href = anchor.getAttribute('href') ?? '';
    if (!href.startsWith('/') || href.startsWith('/api/')) return;
    event.preventDefault();
    const leaves = new URL(href, window.location.href).pathname !== place.value.path;
    go(href);
    if (leaves) window.scrollTo(0, 0);
  });
}
