import type { EvidenceBundle } from '../../../../collector/api/shapes/evidence.ts';
import { call } from '../api/client.ts';
import { useResource } from '../api/resource.ts';
import { ItemBadge } from '../ui/badge.tsx';
import { EmptyState, Loading } from '../ui/empty-state.tsx';
import { ErrorBanner } from '../ui/error-banner.tsx';
import { At } from '../ui/when.tsx';
import { formatCount } from '../value/unit.ts';
import { FileIndex } from './file-index.tsx';
import { FindingList } from './finding-list.tsx';

function Gaps({ bundle }: { bundle: EvidenceBundle }) {
  if (bundle.gaps.length === 0 && bundle.damaged.length === 0) {
    return <EmptyState icon="check" title="Everything that was asked for is in it" />;
  }
  return (
    <div class="scroll-x">
      <table>
        <thead>
          <tr>
            <th>Node</th>
            <th>Source</th>
            <th>State</th>
            <th>Reason</th>
          </tr>
        </thead>
        <tbody>
          {bundle.damaged.map((part) => (
            <tr key={part.part}>
              <td />
              <td>
                <code>{part.part}</code>
              </td>
              <td>
                <ItemBadge state="failed" />
              </td>
              <td>{part.detail}</td>
            </tr>
          ))}
          {bundle.gaps.map((gap) => (
            <tr key={`${gap.node} ${gap.source}`}>
              <td class="nowrap">{gap.node}</td>
              <td>{gap.source === '' ? <span class="muted">the node</span> : <code>{gap.source}</code>}</td>
              <td>
                <ItemBadge state={gap.state} />
              </td>
              <td>{gap.reason ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="evidence-sentences">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </>
  );
}

function Bundle({ bundle }: { bundle: EvidenceBundle }) {
  const origin = bundle.trust === 'pinned' ? 'a key that was named' : 'declared by the bundle itself: proves no origin';
  return (
    <>
      <section class="card" aria-label={bundle.name}>
        <header class="card-head">
          <h2 class="bundle-name">{bundle.name}</h2>
          <ItemBadge state={bundle.state === 'complete' && bundle.damaged.length === 0 ? 'ok' : 'partial'} />
        </header>
        <dl class="strip">
          <div>
            <dt>Site</dt>
            <dd>{bundle.site}</dd>
          </div>
          <div>
            <dt>Window</dt>
            <dd>
              <At at={bundle.from} /> – <At at={bundle.until} />
            </dd>
          </div>
          <div>
            <dt>Holds</dt>
            <dd>
              {formatCount(bundle.records)} records, {formatCount(bundle.samples)} samples, {formatCount(bundle.files)}{' '}
              files
            </dd>
          </div>
          <div>
            <dt>Signed with</dt>
            <dd>
              <code>{bundle.keyId}</code> <span class="muted">{origin}</span>
            </dd>
          </div>
          <div>
            <dt>Redaction</dt>
            <dd>{bundle.redaction}</dd>
          </div>
        </dl>
        {bundle.unread > 0 ? <p class="muted">{formatCount(bundle.unread)} lines could not be read.</p> : null}
        <h3>What is missing</h3>
        <Gaps bundle={bundle} />
        <Sentences title="What this bundle cannot answer" sentences={bundle.unanswered} />
        <Sentences title="How this bundle was made" sentences={bundle.notes} />
      </section>
      <FindingList bundle={bundle} />
      <FileIndex bundle={bundle} />
    </>
  );
}

/** Each bundle of the case: what it lacks, what known patterns point at, which files it has. */
export function EvidencePage() {
  const answer = useResource('evidence', 0, (signal) => call<EvidenceBundle[]>('evidence', { signal }));
  return (
    <>
      <h1 class="visually-hidden">Evidence</h1>
      <ErrorBanner failure={answer.failure} retry={answer.reload} />
      {answer.data === null && !answer.failure ? <Loading /> : null}
      {answer.data?.map((bundle) => (
        <Bundle key={bundle.id} bundle={bundle} />
      ))}
    </>
  );
}
