import type { EvidenceBundle, EvidenceFinding } from '../../../../collector/api/shapes/evidence.ts';
import { addressOf } from '../place/location.ts';
import { FindingBadge } from '../ui/badge.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon } from '../ui/icon.tsx';
import { At } from '../ui/when.tsx';

const aroundMs = 5 * 60_000;

function logsAround(finding: EvidenceFinding): string | null {
  if (finding.first === null || finding.last === null) return null;
  return addressOf('/logs', {
    node: finding.node || null,
    since: new Date(Date.parse(finding.first) - aroundMs).toISOString(),
    until: new Date(Date.parse(finding.last) + aroundMs).toISOString(),
  });
}

function Finding({ finding }: { finding: EvidenceFinding }) {
  const href = finding.evidence.length > 0 ? logsAround(finding) : null;
  return (
    <details class="finding" open={finding.severity === 'critical'}>
      <summary>
        <FindingBadge severity={finding.severity} />
        <strong>{finding.title}</strong>
        <span class="muted">
          {[finding.node || 'the site', finding.subject].filter((part) => part !== '').join(' · ')}
        </span>
      </summary>
      <p>{finding.text}</p>
      <p>
        <strong>Next:</strong> {finding.next}
      </p>
      {finding.evidence.length > 0 ? (
        <div class="scroll-x">
          <table>
            <thead>
              <tr>
                <th>Time</th>
                <th>Channel</th>
                <th>Record</th>
              </tr>
            </thead>
            <tbody>
              {finding.evidence.map((record, at) => (
                <tr key={at}>
                  <td class="nowrap">
                    <At at={record.timestamp} />
                  </td>
                  <td>
                    <code>{record.channel}</code>
                  </td>
                  <td>
                    <code>{record.text}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      {href ? (
        <a class="button button-small" href={href}>
          <Icon name="rows" size={14} />
          Logs around it
        </a>
      ) : null}
    </details>
  );
}

/** What the analyzers make of a bundle, the worst first. */
export function FindingList({ bundle }: { bundle: EvidenceBundle }) {
  return (
    <section class="card" aria-label="Findings">
      <header class="card-head">
        <h2>
          Findings <span class="count">{bundle.findings.length}</span>
        </h2>
        <span class="muted">{bundle.analyzers} analyzers looked; a finding is a known pattern, no verdict</span>
      </header>
      {bundle.failedAnalyzers.length > 0 ? (
        <p class="muted">Not looked at, since the analyzer failed: {bundle.failedAnalyzers.join('; ')}</p>
      ) : null}
      {bundle.findings.length === 0 ? (
        <EmptyState icon="check" title="No known pattern was found">
          What is missing above cannot be found.
        </EmptyState>
      ) : (
        bundle.findings.map((finding) => (
          <Finding key={`${finding.analyzer} ${finding.node} ${finding.subject}`} finding={finding} />
        ))
      )}
    </section>
  );
}
