import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { lost, tryAgain } from '../api/connection.ts';
import { nowMs } from '../place/clock.ts';
import { zone } from '../place/range.ts';
import { sayDuration } from '../time/duration.ts';
import { formatClock } from '../time/format-time.ts';
import { Icon } from '../ui/icon.tsx';

/** Says that the collector is out of reach, since when, and how old the picture is. Goes by itself. */
export function LostBanner() {
  const second = useSignal(Date.now());
  const state = lost.value;
  useEffect(() => {
    if (state === null) return undefined;
    const timer = setInterval(() => {
      second.value = Date.now();
    }, 1000);
    return () => clearInterval(timer);
  }, [state === null]);
  if (state === null) return null;
  const inMs = Math.max(0, state.nextTryMs - second.value);
  return (
    <div class="banner banner-warn banner-page" role="alert">
      <Icon name="triangle" />
      <p>
        <strong>No connection to the collector.</strong> What you see is from {formatClock(nowMs.value, zone.value)}.
        Agents keep what they gather until it is back.{' '}
        <span class="muted" aria-live="off">
          {inMs < 500 ? 'Trying now…' : `Trying again in ${sayDuration(inMs)}.`}
        </span>
      </p>
      <button type="button" class="button" onClick={() => void tryAgain()}>
        Try now
      </button>
    </div>
  );
}
