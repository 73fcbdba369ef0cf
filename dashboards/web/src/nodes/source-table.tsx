import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { ItemBadge } from '../ui/badge.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Ago } from '../ui/when.tsx';
import { formatCount } from '../value/unit.ts';

const order = ['failing', 'starting', 'running', 'absent'];

/** Collection health: what this node reads, and whether it comes. */
export function SourceTable({ sources }: { sources: NodeRow['sources'] }) {
  if (sources.length === 0) {
    return (
      <EmptyState icon="rows" title="The agent has not reported its sources yet">
        It does so with its first heartbeat, within seconds of connecting.
      </EmptyState>
    );
  }
  const rows = [...sources].sort(
    (a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name, 'en-US'),
  );
  return (
    <div class="scroll-x">
      <table>
        <thead>
          <tr>
            <th>State</th>
            <th>Source</th>
            <th>Last record</th>
            <th class="number">Records</th>
            <th class="number">Dropped</th>
            <th>Detail</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((source) => (
            <tr key={source.name}>
              <td>
                <ItemBadge state={source.state} running="good" />
              </td>
              <td class="strong">{source.name}</td>
              <td class="nowrap">
                <Ago at={source.lastRecordUnixMs ?? null} />
              </td>
              <td class="number">{formatCount(source.records)}</td>
              <td class={source.dropped > 0 ? 'number text-bad' : 'number'}>{formatCount(source.dropped)}</td>
              <td class="muted">{source.detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
