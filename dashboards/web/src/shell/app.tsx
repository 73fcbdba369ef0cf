import { useEffect } from 'preact/hooks';
import { session } from '../api/session.ts';
import { BundlesPage } from '../bundles/bundles-page.tsx';
import { EvidenceBanner } from '../evidence/evidence-banner.tsx';
import { EvidencePage } from '../evidence/evidence-page.tsx';
import { LogsPage } from '../logs/logs-page.tsx';
import { MetricsPage } from '../metrics/metrics-page.tsx';
import { NodePage } from '../nodes/node-page.tsx';
import { NodesPage } from '../nodes/nodes-page.tsx';
import { OverviewPage } from '../overview/overview-page.tsx';
import { addressOf, place } from '../place/location.ts';
import { SignInPage } from '../sign-in/sign-in-page.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Header } from './header.tsx';
import { LostBanner } from './lost-banner.tsx';
import { pages } from './pages.ts';

function Page({ path }: { path: string }) {
  const node = /^\/nodes\/([^/]+)$/.exec(path)?.[1];
  if (node !== undefined) return <NodePage key={node} node={decodeURIComponent(node)} />;
  switch (path) {
    case '/':
      return <OverviewPage />;
    case '/logs':
      return <LogsPage />;
    case '/metrics':
      return <MetricsPage />;
    case '/nodes':
      return <NodesPage />;
    case '/bundles':
      return <BundlesPage />;
    case '/evidence':
      return <EvidencePage />;
    default:
      return (
        <EmptyState icon="lens" title="There is no such page">
          <a href={addressOf('/')}>Go to the overview</a>
        </EmptyState>
      );
  }
}

export function App() {
  const { path } = place.value;
  const open = session.value.kind === 'open';
  useEffect(() => {
    const page = pages.value.findLast((candidate) => path.startsWith(candidate.path));
    const site = session.value.kind === 'open' ? ` · ${session.value.info.site}` : '';
    document.title = `${open ? (page?.title ?? 'Sextant') : 'Sign in'}${site} · Sextant`;
  }, [path, open]);
  if (session.value.kind === 'asking') return <p class="loading loading-page">Opening…</p>;
  if (session.value.kind === 'none') return <SignInPage />;
  return (
    <>
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <Header />
      <EvidenceBanner />
      <LostBanner />
      <main id="page" class={`page page-${path.split('/')[1] || 'overview'}`}>
        <Page path={path} />
      </main>
    </>
  );
}
