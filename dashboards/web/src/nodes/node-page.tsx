import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { addressOf } from '../place/location.ts';
import { NodeBadge } from '../ui/badge.tsx';
import { EmptyState, Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { Ago, At } from '../ui/when.tsx';
import { formatBytes, formatCount } from '../value/unit.ts';
import { attentionOf } from './attention.ts';
import { Inventory } from './inventory.tsx';
import { NodeCharts } from './node-charts.tsx';
import { useNodes } from './node-list.ts';
import { SourceTable } from './source-table.tsx';

export function NodePage({ node: name }: { node: string }) {
  const nodes = useNodes();
  if (nodes.data === null)
    return nodes.failure ? <ErrorBanner failure={nodes.failure} retry={nodes.reload} /> : <Loading />;
  const node = nodes.data.find((candidate) => candidate.node === name);
  if (!node) {
    return (
      <EmptyState icon="server" title={`No node is called ${name}`}>
        <a href={addressOf('/nodes')}>See all nodes</a>
      </EmptyState>
    );
  }
  return (
    <>
      <header class="page-head">
        <p class="crumb">
          <a href={addressOf('/nodes')}>Nodes</a>
        </p>
        <h1>{node.node}</h1>
        <NodeBadge state={node.state} />
        {attentionOf(node).map((reason) => (
          <span key={reason} class="reason">
            <Icon name="triangle" size={12} />
            {reason}
          </span>
        ))}
        <a class="button" href={addressOf('/logs', { node: node.node })}>
          <Icon name="rows" />
          Logs
        </a>
        <a class="button" href={addressOf('/bundles', { nodes: node.node })}>
          <Icon name="box" />
          Bundle
        </a>
      </header>
      {node.kind === 'syslog' ? <PeerFacts node={node} /> : <AgentFacts node={node} />}
    </>
  );
}

/** What an agent says of its machine. */
function AgentFacts({ node }: { node: NodeRow }) {
  return (
    <>
      <dl class="strip">
        <div>
          <dt>Last seen</dt>
          <dd>
            <Ago at={node.lastSeen} />
          </dd>
        </div>
        <div>
          <dt>Clock offset</dt>
          <dd>{node.clockOffsetMs === null ? '–' : `${Math.round(node.clockOffsetMs)} ms`}</dd>
        </div>
        <div>
          <dt>Waiting to be sent</dt>
          <dd>{node.spool ? `${formatBytes(node.spool.bytes)}, ${formatCount(node.spool.batches)} batches` : '–'}</dd>
        </div>
        <div>
          <dt>Dropped records</dt>
          <dd class={node.spool && node.spool.droppedRecords > 0 ? 'text-bad' : ''}>
            {node.spool ? formatCount(node.spool.droppedRecords) : '–'}
          </dd>
        </div>
        <div>
          <dt>Agent</dt>
          <dd>{node.version}</dd>
        </div>
        <div>
          <dt>System</dt>
          <dd>{node.os}</dd>
        </div>
        <div>
          <dt>Host name</dt>
          <dd>{node.hostName}</dd>
        </div>
        <div>
          <dt>Certificate</dt>
          <dd>{node.certificateDaysLeft === null ? '–' : `${Math.floor(node.certificateDaysLeft)} days left`}</dd>
        </div>
        <div>
          <dt>Enrolled</dt>
          <dd>
            <At at={node.enrolledAt} />
          </dd>
        </div>
      </dl>
      <NodeCharts node={node.node} />
      <section class="card" aria-labelledby="sources-title">
        <header class="card-head">
          <h2 id="sources-title">Collection health</h2>
        </header>
        <SourceTable sources={node.sources} />
      </section>
      <section class="card" aria-labelledby="inventory-title">
        <header class="card-head">
          <h2 id="inventory-title">Inventory</h2>
        </header>
        <Inventory node={node.node} />
      </section>
    </>
  );
}

/** A peer has no agent: what it sends are its logs. */
function PeerFacts({ node }: { node: NodeRow }) {
  return (
    <dl class="strip">
      <div>
        <dt>Last seen</dt>
        <dd>
          <Ago at={node.lastSeen} />
        </dd>
      </div>
      <div>
        <dt>Kind</dt>
        <dd>Sends syslog, has no agent</dd>
      </div>
    </dl>
  );
}
