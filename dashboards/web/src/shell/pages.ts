import { computed } from '@preact/signals';
import { session } from '../api/session.ts';
import type { IconName } from '../ui/icon.tsx';

interface Page {
  path: string;
  title: string;
  icon: IconName;
}

const common: Page[] = [
  { path: '/', title: 'Overview', icon: 'chart' },
  { path: '/logs', title: 'Logs', icon: 'rows' },
  { path: '/metrics', title: 'Metrics', icon: 'chart' },
  { path: '/nodes', title: 'Nodes', icon: 'server' },
];
const bundles: Page = { path: '/bundles', title: 'Bundles', icon: 'box' };
const evidence: Page = { path: '/evidence', title: 'Evidence', icon: 'box' };

/** What the header lists, in its order. Where bundles are shown no new ones are made. */
export const pages = computed<Page[]>(() =>
  session.value.kind === 'open' && session.value.info.evidence ? [...common, evidence] : [...common, bundles],
);
