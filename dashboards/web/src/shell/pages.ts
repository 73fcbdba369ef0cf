import type { IconName } from '../ui/icon.tsx';

/** What the header lists, in its order. */
export const pages: { path: string; title: string; icon: IconName }[] = [
  { path: '/', title: 'Overview', icon: 'chart' },
  { path: '/logs', title: 'Logs', icon: 'rows' },
  { path: '/metrics', title: 'Metrics', icon: 'chart' },
  { path: '/nodes', title: 'Nodes', icon: 'server' },
  { path: '/bundles', title: 'Bundles', icon: 'box' },
];
