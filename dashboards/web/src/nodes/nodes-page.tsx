import { Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { useNodes } from './node-list.ts';
import { NodeTable } from './node-table.tsx';

export function NodesPage() {
  const nodes = useNodes();
  return (
    <>
      <h1 class="visually-hidden">Nodes</h1>
      <ErrorBanner failure={nodes.failure} retry={nodes.reload} />
      {nodes.data === null && !nodes.failure ? <Loading /> : null}
      {nodes.data ? <NodeTable nodes={nodes.data} /> : null}
    </>
  );
}
