import { useSignal } from '@preact/signals';
import { session, signOut } from '../api/session.ts';
import { useShortcuts } from '../keys/shortcuts.ts';
import { addressOf, place } from '../place/location.ts';
import { Popover } from '../ui/popover.tsx';
import { Logo } from './logo.tsx';
import { pages } from './pages.ts';
import { ShortcutSheet } from './shortcut-sheet.tsx';
import { TimeBar } from './time-bar.tsx';

const isCurrent = (path: string): boolean =>
  path === '/' ? place.value.path === '/' : place.value.path === path || place.value.path.startsWith(`${path}/`);

export function Header() {
  const menu = useSignal(false);
  const sheet = useSignal(false);
  const flip = (signal: { value: boolean }) => (): void => {
    signal.value = !signal.value;
  };
  useShortcuts([{ key: '?', does: 'Show this sheet', run: flip(sheet) }]);
  const info = session.value.kind === 'open' ? session.value.info : null;
  return (
    <header class="header">
      <a class="brand" href={addressOf('/')} title={`Sextant ${info?.version ?? ''}`.trim()}>
        <Logo />
        <span class="brand-name">Sextant</span>
        <span class="brand-site">{info?.site}</span>
      </a>
      <nav class="nav" aria-label="Pages">
        {pages.value.map((page) => (
          <a
            key={page.path}
            href={addressOf(page.path)}
            {...(isCurrent(page.path) ? { 'aria-current': 'page' as const } : {})}
          >
            {page.title}
          </a>
        ))}
      </nav>
      <TimeBar />
      <div class="anchor menu-anchor">
        <button
          type="button"
          class="button button-bare user-button"
          aria-haspopup="dialog"
          aria-expanded={menu.value}
          aria-label="Account and help"
          onClick={flip(menu)}
        >
          {(info?.user ?? '?').charAt(0).toUpperCase()}
        </button>
        {menu.value ? (
          <Popover label="Account and help" close={flip(menu)} class="menu-panel">
            <p class="menu-user">
              <strong>{info?.user}</strong>
              <span class="muted">{info?.role}</span>
              <span class="muted">Sextant {info?.version}</span>
            </p>
            <button
              type="button"
              class="menu-item"
              onClick={() => {
                menu.value = false;
                sheet.value = true;
              }}
            >
              Keyboard <kbd>?</kbd>
            </button>
            <button type="button" class="menu-item" onClick={() => void signOut()}>
              Sign out
            </button>
          </Popover>
        ) : null}
      </div>
      {sheet.value ? <ShortcutSheet close={flip(sheet)} /> : null}
    </header>
  );
}
