import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

/** Nothing to show: says why, and what to do to see something. */
export function EmptyState({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={icon} size={22} />
      <p class="empty-title">{title}</p>
      {children ? <div class="empty-text">{children}</div> : null}
    </div>
  );
}

/** Keeps the place of what is being loaded, without moving the page when it comes. */
export function Loading({ label = 'Loading' }: { label?: string }) {
  return (
    <p class="loading" role="status">
      {label}…
    </p>
  );
}
