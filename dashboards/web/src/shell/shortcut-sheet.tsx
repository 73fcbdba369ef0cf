import { shortcutsNow } from '../keys/shortcuts.ts';
import { Dialog } from '../ui/dialog.tsx';

const charts = [
  { key: '← →', does: 'Read a chart’s values (with the chart focused)' },
  { key: 'Shift ← →', does: 'Mark a stretch; Enter zooms into it' },
  { key: 'Drag', does: 'Zoom into a stretch; the back button undoes it' },
];

/** What the keys do on this page. */
export function ShortcutSheet({ close }: { close: () => void }) {
  const rows = [...shortcutsNow()].filter(
    (one, index, all) => all.findLastIndex((other) => other.key === one.key) === index,
  );
  return (
    <Dialog title="Keyboard" close={close}>
      <dl class="keys">
        {[...rows, ...charts].map((row) => (
          <div key={row.key}>
            <dt>
              <kbd>{row.key === 'Escape' ? 'Esc' : row.key}</kbd>
            </dt>
            <dd>{row.does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
