import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { setParams } from '../place/location.ts';
import { defaultSince, presets, range, showRange, span, zone } from '../place/range.ts';
import { civilOf, unixMsOf, type Zone } from '../time/civil.ts';
import { parseDuration, sayDuration } from '../time/duration.ts';
import { formatDateTime, zoneLabel } from '../time/format-time.ts';
import { parseRange } from '../time/parse-range.ts';
import { Popover } from '../ui/popover.tsx';
import { Segmented } from '../ui/segmented.tsx';

/** Value of a `datetime-local` field for a moment, and back. */
const toField = (unixMs: number, of: Zone): string => formatDateTime(unixMs, of).replace(' ', 'T');
function fromField(text: string, of: Zone): number {
  const [year, month, day, hour, minute, second] = text.split(/\D/).map(Number);
  return unixMsOf(
    { year: year ?? 0, month: month ?? 1, day: day ?? 1, hour: hour ?? 0, minute: minute ?? 0, second: second ?? 0 },
    of,
  );
}

/** Chooses the range: in words, by preset, or by its two ends. */
export function TimePanel({ close }: { close: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const text = useSignal('');
  const fault = useSignal('');
  const from = useSignal(toField(span.peek().fromMs, zone.value));
  const until = useSignal(toField(span.peek().untilMs, zone.value));
  // Before the next key: what is typed right after `t` belongs in here.
  useLayoutEffect(() => field.current?.focus(), []);

  const submit = (event: Event): void => {
    event.preventDefault();
    const parsed = parseRange(text.value, Date.now(), zone.value);
    if (!parsed) {
      fault.value = 'Not understood. Try: 15m, last 3 h, yesterday 14:00–15:00, 2026-11-20 22:00 to 2026-11-21 02:00';
      return;
    }
    showRange(parsed);
    close();
  };
  const submitEnds = (event: Event): void => {
    event.preventDefault();
    const [fromMs, untilMs] = [fromField(from.value, zone.value), fromField(until.value, zone.value)];
    if (!(fromMs < untilMs)) {
      fault.value = 'The end must be after the beginning.';
      return;
    }
    showRange({ since: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() });
    close();
  };
  const chosen = range.value.kind === 'relative' ? range.value.spanMs : null;
  const civilYear = civilOf(Date.now(), zone.value).year;
  return (
    <Popover label="Time range" close={close} class="time-panel">
      <form onSubmit={submit}>
        <label for="time-text">In words</label>
        <div class="joined">
          <input
            ref={field}
            id="time-text"
            type="text"
            autocomplete="off"
            spellcheck={false}
            placeholder="last 3 h · yesterday 14:00–15:00"
            value={text.value}
            aria-invalid={fault.value !== ''}
            aria-describedby="time-fault"
            onInput={(event) => {
              text.value = event.currentTarget.value;
              fault.value = '';
            }}
          />
          <button type="submit" class="button button-primary">
            Show
          </button>
        </div>
        <p id="time-fault" class="fault" role="alert">
          {fault.value}
        </p>
      </form>
      <div class="presets">
        {presets.map((preset) => {
          const spanMs = parseDuration(preset) ?? 0;
          return (
            <button
              key={preset}
              type="button"
              class="button"
              aria-pressed={chosen === spanMs}
              onClick={() => {
                showRange({ since: preset, until: null });
                close();
              }}
            >
              {sayDuration(spanMs)}
            </button>
          );
        })}
        <button
          type="button"
          class="button"
          onClick={() => {
            showRange(parseRange('yesterday', Date.now(), zone.value) ?? { since: defaultSince, until: null });
            close();
          }}
        >
          yesterday
        </button>
      </div>
      <form class="ends" onSubmit={submitEnds}>
        <label>
          From
          <input
            type="datetime-local"
            step="1"
            max={`${civilYear + 1}-01-01T00:00:00`}
            value={from.value}
            onInput={(event) => {
              from.value = event.currentTarget.value;
            }}
          />
        </label>
        <label>
          Until
          <input
            type="datetime-local"
            step="1"
            value={until.value}
            onInput={(event) => {
              until.value = event.currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="button">
          Show
        </button>
      </form>
      <div class="zone-row">
        <span>Clock</span>
        <Segmented
          label="Time zone"
          value={zone.value}
          options={[
            { value: 'browser', text: `Browser (${zoneLabel('browser', Date.now())})` },
            { value: 'utc', text: 'UTC' },
          ]}
          choose={(next: Zone) => {
            from.value = toField(fromField(from.value, zone.value), next);
            until.value = toField(fromField(until.value, zone.value), next);
            setParams({ zone: next === 'utc' ? 'utc' : null }, { replace: true });
          }}
        />
      </div>
    </Popover>
  );
}
