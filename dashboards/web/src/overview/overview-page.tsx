import { useNodes } from '../nodes/node-list.ts';
import { NodeTable } from '../nodes/node-table.tsx';
import { Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { AlertList } from './alert-list.tsx';
import { SiteCharts } from './site-charts.tsx';

/** What is wrong, who is there, how they do: in this order. */
export function OverviewPage() {
  const nodes = useNodes();
  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      <AlertList />
      <ErrorBanner failure={nodes.failure} retry={nodes.reload} />
      {nodes.data === null && !nodes.failure ? <Loading /> : null}
      {nodes.data ? (
        <>
          <NodeTable nodes={nodes.data} />
          {nodes.data.length > 0 ? <SiteCharts nodes={nodes.data.map((node) => node.node)} /> : null}
        </>
      ) : null}
    </>
  );
}
