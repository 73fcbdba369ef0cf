import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  label: string;
  close: () => void;
  class?: string;
  children: ComponentChildren;
}

/** A panel under its button; closes with Escape and with a press anywhere else. */
export function Popover({ label, close, class: extra = '', children }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const opener = document.activeElement;
    const press = (event: PointerEvent): void => {
      const place = panel.current?.parentElement;
      if (event.target instanceof Node && place?.contains(event.target) === false) latest.current();
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      latest.current();
      if (opener instanceof HTMLElement) opener.focus();
    };
    document.addEventListener('pointerdown', press);
    document.addEventListener('keydown', key, { capture: true });
    return () => {
      document.removeEventListener('pointerdown', press);
      document.removeEventListener('keydown', key, { capture: true });
    };
  }, []);
  return (
    <div ref={panel} class={`popover ${extra}`} role="dialog" aria-label={label}>
      {children}
    </div>
  );
}
