import { useSignal } from '@preact/signals';
import type { BundleItemProgress, BundleJob } from '../../../../collector/api/shapes/bundles.ts';
import { apiAddress, call } from '../api/client.ts';
import { type ApiFailure, failureFrom } from '../api/failure.ts';
import { isAdministrator } from '../api/session.ts';
import { nowMs } from '../place/clock.ts';
import { zone } from '../place/range.ts';
import { sayDuration } from '../time/duration.ts';
import { formatClock } from '../time/format-time.ts';
import { BundleBadge, ItemBadge } from '../ui/badge.tsx';
import { Confirm } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { Icon } from '../ui/icon.tsx';
import { At } from '../ui/when.tsx';
import { formatBytes } from '../value/unit.ts';
import { sayProgress, sayRecords, saySize, sayTime } from './bundle-figures.ts';
import { isActive, isReady, itemsDone } from './bundle-state.ts';
import { CancelButton } from './cancel-button.tsx';

/** With more nodes than this, their items are folded: a site of twenty has a thousand of them. */
const mostOpen = 3;

function Items(props: { node: string; items: BundleItemProgress[]; open: boolean; silent: boolean }) {
  const { node, items, open, silent } = props;
  return (
    <details class="bundle-node" open={open}>
      <summary>
        <h3>{node}</h3> <span class="muted">{countStates(items)}</span>
        {silent ? (
          <span class="reason">
            <Icon name="triangle" size={12} />
            did not answer; this is what the collector had of it
          </span>
        ) : null}
      </summary>
      <div class="scroll-x">
        <table class="compact">
          <thead>
            <tr>
              <th>State</th>
              <th>Source</th>
              <th class="number">Size</th>
              <th class="number">Records</th>
              <th class="number">Time</th>
              <th>First – last</th>
              <th>Reason</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.source}>
                <td>
                  <ItemBadge state={item.state} />
                </td>
                <td class="strong">{item.source}</td>
                <td class="number">{saySize(item)}</td>
                <td class="number nowrap">{sayRecords(item)}</td>
                <td class="number nowrap">{sayTime(item)}</td>
                <td class="nowrap">
                  {item.first && item.last
                    ? `${formatClock(Date.parse(item.first), zone.value)} – ${formatClock(Date.parse(item.last), zone.value)}`
                    : '–'}
                </td>
                <td class="muted">{item.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Nothing came from the node itself; the collector is no node. */
const isOnlyStored = (node: string, items: BundleItemProgress[]): boolean =>
  !node.startsWith('@') && items.every((item) => item.source.startsWith('telemetry/'));

/** `58 ok · 7 absent · 1 timeout` */
function countStates(items: BundleItemProgress[]): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item.state, (counts.get(item.state) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([state, count]) => `${count} ${state.replace('-', ' ')}`)
    .join(' · ');
}

/** One bundle: how far it is, what each node and source gave, and how to take it along. */
export function BundleDetail({ job, changed }: { job: BundleJob; changed: () => void }) {
  const asking = useSignal(false);
  const failure = useSignal<ApiFailure | null>(null);
  const active = isActive(job);
  const nodes = [...new Set([...job.nodes, ...job.items.map((item) => item.node)])];
  const endMs = job.finishedAt ? Date.parse(job.finishedAt) : Math.max(nowMs.value, Date.parse(job.createdAt));
  const cancel = async (): Promise<void> => {
    asking.value = false;
    await call<unknown>(`bundles/${job.id}`, { method: 'DELETE' }).catch((error: unknown) => {
      failure.value = failureFrom(error);
    });
    changed();
  };
  return (
    <section class="card bundle-detail" aria-labelledby="bundle-title">
      <header class="card-head">
        <h2 id="bundle-title" class="bundle-name">
          {job.name}
        </h2>
        <BundleBadge state={job.state} />
      </header>
      <dl class="strip">
        <div>
          <dt>Time covered</dt>
          <dd>
            <At at={job.from} /> – <At at={job.until} />
          </dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>{formatBytes(job.bytes)}</dd>
        </div>
        <div>
          <dt>{active ? 'Running for' : 'Took'}</dt>
          <dd>{sayDuration(endMs - Date.parse(job.createdAt))}</dd>
        </div>
        {job.path ? (
          <div>
            <dt>On the collector’s disk</dt>
            <dd>
              <code>{job.path}</code>
            </dd>
          </div>
        ) : null}
      </dl>
      {active ? (
        <div class="progress" role="status">
          <progress max={Math.max(1, job.items.length)} value={itemsDone(job)} aria-label="Items done" />
          <span>
            {itemsDone(job)} of {job.items.length} items · {sayProgress(job.progress)}
          </span>
        </div>
      ) : null}
      {job.error ? (
        <div class="banner banner-bad" role="alert">
          <Icon name="octagon" />
          <p>{job.error}</p>
        </div>
      ) : null}
      <ErrorBanner failure={failure.value} />
      <div class="actions">
        {isReady(job) && !isAdministrator() ? (
          <button type="button" class="button" disabled title="Needs the administrator role">
            <Icon name="download" />
            Download needs the administrator role
          </button>
        ) : null}
        {isReady(job) && isAdministrator() ? (
          <a
            class="button button-primary"
            href={apiAddress(`bundles/${encodeURIComponent(job.id)}/download`)}
            download={`${job.name}.tar`}
          >
            <Icon name="download" />
            Download ({formatBytes(job.bytes)})
          </a>
        ) : null}
        {active ? (
          <CancelButton
            ask={() => {
              asking.value = true;
            }}
          />
        ) : null}
      </div>
      {isReady(job) ? (
        <p class="muted">
          Check it anywhere: <code>sha512sum -c manifest-sha512.txt</code>, <code>unzip -tq</code> on each volume, or{' '}
          <code>sextant bundle verify</code>.
        </p>
      ) : null}
      {job.items.length === 0 ? (
        <EmptyState icon="wait" title={active ? 'Asking the nodes' : 'No node gave anything'} />
      ) : (
        nodes.map((node) => {
          const items = job.items.filter((item) => item.node === node);
          return items.length === 0 ? (
            <section key={node} class="bundle-node">
              <h3>{node}</h3>
              <p class="muted">{active ? 'Has not answered yet.' : 'Gave nothing.'}</p>
            </section>
          ) : (
            <Items
              key={node}
              node={node}
              items={items}
              open={nodes.length <= mostOpen}
              silent={!active && isOnlyStored(node, items)}
            />
          );
        })
      )}
      {asking.value ? (
        <Confirm
          title="Cancel this bundle?"
          text="What has been gathered for it is thrown away. Nothing on the nodes changes."
          action="Cancel the bundle"
          confirm={() => void cancel()}
          close={() => {
            asking.value = false;
          }}
        />
      ) : null}
    </section>
  );
}
