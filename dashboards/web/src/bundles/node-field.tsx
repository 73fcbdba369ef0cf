import type { Signal } from '@preact/signals';
import type { NodeRow } from '../../../../collector/api/shapes/nodes.ts';
import { NodeBadge } from '../ui/badge.tsx';

/** Which nodes are asked. `left` holds those that are not, so that one that enrols meanwhile is. */
export function NodeField({ nodes, left }: { nodes: readonly NodeRow[]; left: Signal<ReadonlySet<string>> }) {
  const chosen = chosenNodes(nodes, left.value).length;
  const toggle = (name: string): void => {
    const next = new Set(left.value);
    if (!next.delete(name)) next.add(name);
    left.value = next;
  };
  return (
    <fieldset class="field">
      <legend>
        Nodes{' '}
        <span class="muted">{chosen === nodes.length ? `all ${nodes.length}` : `${chosen} of ${nodes.length}`}</span>
      </legend>
      <div class="node-checks">
        {nodes.map((node) => (
          <label key={node.node} class="check">
            <input type="checkbox" checked={!left.value.has(node.node)} onChange={() => toggle(node.node)} />
            <span class="strong">{node.node}</span>
            {node.state === 'online' ? null : <NodeBadge state={node.state} />}
          </label>
        ))}
        {nodes.length === 0 ? (
          <p class="muted">No node has enrolled; the bundle will hold what the collector has.</p>
        ) : null}
      </div>
    </fieldset>
  );
}

export const chosenNodes = (nodes: readonly NodeRow[], left: ReadonlySet<string>): string[] =>
  nodes.map(({ node }) => node).filter((name) => !left.has(name));
