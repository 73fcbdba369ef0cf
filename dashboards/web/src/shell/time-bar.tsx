import { useSignal } from '@preact/signals';
import { lost } from '../api/connection.ts';
import { useShortcuts } from '../keys/shortcuts.ts';
import { nowMs, playing, refreshEveryMs, setPlaying } from '../place/clock.ts';
import { isEvidence } from '../place/evidence.ts';
import { defaultSince, moveBy, range, rangeLabel, showRange, zone, zoomOut } from '../place/range.ts';
import { formatClock, zoneLabel } from '../time/format-time.ts';
import { Icon } from '../ui/icon.tsx';
import { TimePanel } from './time-panel.tsx';

/** Which time is shown, in whose clock, and whether it moves. */
export function TimeBar() {
  const open = useSignal(false);
  const toggle = (): void => {
    open.value = !open.value;
  };
  useShortcuts([
    { key: 't', does: 'Choose the time range', run: toggle },
    ...(isEvidence.value
      ? []
      : [{ key: 'p', does: 'Play or pause', run: () => (fixed ? goLive() : setPlaying(!playing.value)) }]),
    { key: '[', does: 'Half a range back', run: () => moveBy(-0.5) },
    { key: ']', does: 'Half a range forward', run: () => moveBy(0.5) },
    { key: '-', does: 'Zoom out', run: zoomOut },
  ]);
  const fixed = range.value.kind === 'absolute';
  const goLive = (): void => {
    showRange({ since: defaultSince, until: null });
    setPlaying(true);
  };
  return (
    <div class="time-bar">
      <div class="button-group">
        <button
          type="button"
          class="button"
          title="Half a range back ( [ )"
          aria-label="Half a range back"
          onClick={() => moveBy(-0.5)}
        >
          <Icon name="left" />
        </button>
        <div class="anchor">
          <button
            type="button"
            class="button range-button"
            aria-haspopup="dialog"
            aria-expanded={open.value}
            title="Choose the time range ( t )"
            onClick={toggle}
          >
            <Icon name="clock" />
            <span class="range-label">{rangeLabel.value}</span>
            <span class="zone-label">{zoneLabel(zone.value, nowMs.value)}</span>
          </button>
          {open.value ? <TimePanel close={toggle} /> : null}
        </div>
        <button
          type="button"
          class="button"
          title="Half a range forward ( ] )"
          aria-label="Half a range forward"
          disabled={!fixed}
          onClick={() => moveBy(0.5)}
        >
          <Icon name="right" />
        </button>
        <button type="button" class="button" title="Zoom out ( - )" aria-label="Zoom out" onClick={zoomOut}>
          <Icon name="out" />
        </button>
      </div>
      {isEvidence.value ? null : fixed ? (
        <button type="button" class="button play" title="Follow the present again ( p )" onClick={goLive}>
          <Icon name="play" />
          <span>Fixed</span>
        </button>
      ) : (
        <button
          type="button"
          class={playing.value && !lost.value ? 'button play play-live' : 'button play play-paused'}
          title={
            playing.value
              ? `Refreshed every ${refreshEveryMs / 1000} s. Pause ( p )`
              : 'Nothing is refreshed. Play ( p )'
          }
          onClick={() => setPlaying(!playing.value)}
        >
          <Icon name={playing.value ? 'pause' : 'play'} />
          <span>
            {lost.value ? 'Waiting' : playing.value ? 'Live' : `Paused ${formatClock(nowMs.value, zone.value)}`}
          </span>
        </button>
      )}
    </div>
  );
}
