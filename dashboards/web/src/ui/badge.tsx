import type { AlertRow } from '../../../../collector/api/shapes/alerts.ts';
import type { BundleState } from '../../../../collector/api/shapes/bundles.ts';
import type { EvidenceFinding } from '../../../../collector/api/shapes/evidence.ts';
import type { ExportState } from '../../../../collector/api/shapes/exports.ts';
import type { Severity } from '../../../../collector/api/shapes/logs.ts';
import type { NodeState } from '../../../../collector/api/shapes/nodes.ts';
import { Icon, type IconName } from './icon.tsx';

type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'quiet';

/** A state as shape, colour and word together. */
function Badge({ tone, icon, text }: { tone: Tone; icon: IconName; text: string }) {
  return (
    <span class={`badge badge-${tone}`}>
      <Icon name={icon} size={14} />
      {text}
    </span>
  );
}

const nodeStates: Record<NodeState, [Tone, IconName, string]> = {
  online: ['good', 'circle-filled', 'Online'],
  silent: ['bad', 'octagon', 'Silent'],
  'never-seen': ['quiet', 'circle-dashed', 'Never seen'],
};

export function NodeBadge({ state }: { state: NodeState }) {
  const [tone, icon, text] = nodeStates[state];
  return <Badge tone={tone} icon={icon} text={text} />;
}

export function AlertBadge({ alert }: { alert: Pick<AlertRow, 'severity' | 'state'> }) {
  if (alert.state === 'resolved') return <Badge tone="good" icon="check" text="Resolved" />;
  if (alert.state === 'pending') return <Badge tone="quiet" icon="clock" text="Pending" />;
  return alert.severity === 'critical' ? (
    <Badge tone="bad" icon="octagon" text="Critical" />
  ) : (
    <Badge tone="warn" icon="triangle" text="Warning" />
  );
}

const findingSeverities: Record<EvidenceFinding['severity'], [Tone, IconName, string]> = {
  critical: ['bad', 'octagon', 'Critical'],
  warning: ['warn', 'triangle', 'Warning'],
  info: ['quiet', 'circle-dashed', 'Note'],
};

export function FindingBadge({ severity }: { severity: EvidenceFinding['severity'] }) {
  const [tone, icon, text] = findingSeverities[severity];
  return <Badge tone={tone} icon={icon} text={text} />;
}

const bundleStates: Record<BundleState, [Tone, IconName, string]> = {
  waiting: ['busy', 'clock', 'Waiting'],
  gathering: ['busy', 'wait', 'Gathering'],
  writing: ['busy', 'wait', 'Writing'],
  complete: ['good', 'check', 'Complete'],
  partial: ['warn', 'triangle', 'Partial'],
  failed: ['bad', 'octagon', 'Failed'],
  cancelled: ['quiet', 'cross', 'Cancelled'],
};

export function BundleBadge({ state }: { state: BundleState }) {
  const [tone, icon, text] = bundleStates[state];
  return <Badge tone={tone} icon={icon} text={text} />;
}

const exportStates: Record<ExportState, [Tone, IconName, string]> = {
  'waiting-for-approval': ['warn', 'key', 'Waits for approval'],
  waiting: ['busy', 'clock', 'Waiting'],
  running: ['busy', 'wait', 'Exporting'],
  'waiting-for-medium': ['warn', 'triangle', 'Waits for the drive'],
  complete: ['good', 'check', 'Exported'],
  partial: ['warn', 'triangle', 'Partly exported'],
  failed: ['bad', 'octagon', 'Failed'],
  cancelled: ['quiet', 'cross', 'Cancelled'],
  interrupted: ['bad', 'octagon', 'Broken off'],
};

export function ExportBadge({ state }: { state: ExportState }) {
  const [tone, icon, text] = exportStates[state];
  return <Badge tone={tone} icon={icon} text={text} />;
}

const itemStates: Record<string, [Tone, IconName]> = {
  waiting: ['quiet', 'clock'],
  running: ['busy', 'wait'],
  starting: ['busy', 'wait'],
  ok: ['good', 'check'],
  partial: ['warn', 'triangle'],
  timeout: ['bad', 'octagon'],
  denied: ['bad', 'octagon'],
  failed: ['bad', 'octagon'],
  failing: ['bad', 'octagon'],
  'rotated-away': ['warn', 'triangle'],
  absent: ['quiet', 'circle-dashed'],
};

/** State of one item of a bundle, or of one source of a node. */
export function ItemBadge({ state, running = 'busy' }: { state: string; running?: 'busy' | 'good' }) {
  const [tone, icon] =
    state === 'running' && running === 'good'
      ? (['good', 'circle-filled'] as const)
      : (itemStates[state] ?? ['quiet', 'circle-dashed']);
  return <Badge tone={tone} icon={icon} text={state.replace('-', ' ')} />;
}

export const severityLabels: Record<Severity, string> = {
  trace: 'TRACE',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
  fatal: 'FATAL',
  unset: '–',
};

export function SeverityLabel({ severity }: { severity: Severity }) {
  return (
    <span class={`severity severity-${severity}`} title={severity === 'unset' ? 'no severity' : severity}>
      {severityLabels[severity]}
    </span>
  );
}
