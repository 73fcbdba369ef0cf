import { range } from '../place/range.ts';
import { Icon } from '../ui/icon.tsx';
import { formatCount } from '../value/unit.ts';
import type { LogReader } from './log-reader.ts';

/** Says whether new lines come in by themselves, and how to make them. */
export function TailState({ reader, resume }: { reader: LogReader; resume: () => void }) {
  if (range.value.kind === 'absolute') return <span class="tail">Fixed range</span>;
  if (reader.following && !reader.held) {
    return (
      <button
        type="button"
        class="tail tail-live"
        title="New lines appear by themselves. Click to hold."
        onClick={reader.hold}
      >
        <Icon name="circle-filled" size={12} />
        Live tail
      </button>
    );
  }
  const waiting = reader.waiting === 1 ? '1 new line' : `${formatCount(reader.waiting)} new lines`;
  return (
    <button type="button" class="tail tail-held" onClick={resume}>
      <Icon name="pause" size={12} />
      {reader.following ? 'Held while you read' : 'Paused'}
      {reader.waiting > 0 ? ` · ${waiting}` : ''}
      <strong>Resume</strong>
    </button>
  );
}
