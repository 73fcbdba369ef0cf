import { useSignal } from '@preact/signals';
import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { addressOf } from '../place/location.ts';
import { NodeBadge } from '../ui/badge.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { Ago } from '../ui/when.tsx';
import { formatBytes } from '../value/unit.ts';
import { attentionOf, certificateDaysLimit, clockOffsetLimitMs } from './attention.ts';

function Offset({ ms }: { ms: number | null }) {
  if (ms === null) return <span class="muted">–</span>;
  const text = Math.abs(ms) < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
  const off = Math.abs(ms) > clockOffsetLimitMs;
  return <span class={off ? 'text-bad' : ''}>{`${off ? '⚠ ' : ''}${ms > 0 ? '+' : ''}${text.replace('-', '−')}`}</span>;
}

export function NodeTable({ nodes }: { nodes: NodeRow[] }) {
  const only = useSignal<'all' | 'attention'>('all');
  const wanting = nodes.filter((node) => attentionOf(node).length > 0);
  const shown = only.value === 'all' ? nodes : wanting;
  // What needs a person comes first, silence before all; names in order within.
  const urgency = (node: NodeRow): number => (node.state !== 'online' ? 0 : attentionOf(node).length > 0 ? 1 : 2);
  const rows = [...shown].sort((a, b) => urgency(a) - urgency(b) || a.node.localeCompare(b.node, 'en-US'));
  return (
    <section class="card" aria-labelledby="nodes-title">
      <header class="card-head">
        <h2 id="nodes-title">Nodes</h2>
        <Segmented
          label="Which nodes"
          value={only.value}
          options={[
            { value: 'all', text: `All ${nodes.length}` },
            { value: 'attention', text: `Need attention ${wanting.length}` },
          ]}
          choose={(value) => {
            only.value = value;
          }}
        />
      </header>
      {nodes.length === 0 ? (
        <EmptyState icon="server" title="No node has enrolled yet">
          <p>Create a token here, then run the agent with it on the node:</p>
          <pre>sextant token create</pre>
          <pre>sextant agent enroll --collector https://THIS-HOST:8443 --token sxe1.…</pre>
        </EmptyState>
      ) : rows.length === 0 ? (
        <EmptyState icon="check" title="No node needs attention" />
      ) : (
        <div class="scroll-x">
          <table class="nodes">
            <thead>
              <tr>
                <th>State</th>
                <th>Node</th>
                <th>Last seen</th>
                <th class="number">Clock offset</th>
                <th class="number">Backlog</th>
                <th>Version</th>
                <th class="number">Certificate</th>
                <th>System</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((node) => (
                <tr key={node.node}>
                  <td>
                    <NodeBadge state={node.state} />
                  </td>
                  <td>
                    <a class="strong" href={addressOf(`/nodes/${encodeURIComponent(node.node)}`)}>
                      {node.node}
                    </a>
                    {attentionOf(node).map((reason) => (
                      <span key={reason} class="reason">
                        <Icon name="triangle" size={12} />
                        {reason}
                      </span>
                    ))}
                  </td>
                  <td class="nowrap">
                    <Ago at={node.lastSeen} />
                  </td>
                  <td class="number">
                    <Offset ms={node.clockOffsetMs} />
                  </td>
                  <td class="number">{node.spool ? formatBytes(node.spool.bytes) : '–'}</td>
                  <td class="nowrap">{node.version || '–'}</td>
                  <td class="number nowrap">
                    {node.certificateDaysLeft === null ? (
                      '–'
                    ) : (
                      <span class={node.certificateDaysLeft <= certificateDaysLimit ? 'text-bad' : ''}>
                        {Math.floor(node.certificateDaysLeft)} d
                      </span>
                    )}
                  </td>
                  <td class="muted clip" title={node.os}>
                    {node.kind === 'syslog' ? 'sends syslog' : node.os}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
