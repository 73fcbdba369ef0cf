/** One of a few: a row of buttons of which one is pressed. */
export function Segmented<T extends string>(props: {
  label: string;
  value: T;
  options: readonly { value: T; text: string }[];
  choose: (value: T) => void;
}) {
  return (
    <fieldset class="segmented" aria-label={props.label}>
      {props.options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === props.value}
          onClick={() => props.choose(option.value)}
        >
          {option.text}
        </button>
      ))}
    </fieldset>
  );
}
