import { useSignal } from '@preact/signals';
import { Icon, type IconName } from './icon.tsx';

/** Copies a text and says that it did. */
export function CopyButton({ text, label, icon = 'link' }: { text: () => string; label: string; icon?: IconName }) {
  const done = useSignal<'no' | 'yes' | 'failed'>('no');
  const copy = (): void => {
    const copied = navigator.clipboard?.writeText(text()) ?? Promise.reject(new Error('no clipboard'));
    copied.then(
      () => {
        done.value = 'yes';
        setTimeout(() => {
          done.value = 'no';
        }, 2000);
      },
      () => {
        done.value = 'failed';
      },
    );
  };
  const words = { no: label, yes: 'Copied', failed: 'The browser refused' };
  return (
    <button type="button" class="button button-small" onClick={copy}>
      <Icon name={done.value === 'yes' ? 'check' : icon} size={14} />
      <span aria-live="polite">{words[done.value]}</span>
    </button>
  );
}
