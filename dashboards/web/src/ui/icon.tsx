/** Outlines on a 16 × 16 grid. Each state has its own shape, so that colour is never the only sign. */
const paths = {
  'circle-filled': <circle cx="8" cy="8" r="4.500" fill="currentColor" stroke="none" />,
  'circle-dashed': <circle cx="8" cy="8" r="4.500" stroke-dasharray="2.200 2" />,
  triangle: <path d="M8 2.500 14.300 13.500H1.700zM8 6.500v3.200M8 11.700v.1" />,
  octagon: <path d="M5.500 1.800h5l3.700 3.700v5l-3.700 3.700h-5l-3.700-3.700v-5zM8 4.800v3.900M8 11v.1" />,
  check: <path d="m3 8.500 3.300 3.300L13 4.800" />,
  cross: <path d="m4 4 8 8M12 4l-8 8" />,
  play: <path d="M5 3.200v9.600L12.500 8z" fill="currentColor" />,
  pause: <path d="M5.500 3.500v9M10.500 3.500v9" stroke-width="2.200" />,
  left: <path d="M10 3.500 5.500 8l4.500 4.500" />,
  right: <path d="M6 3.500 10.500 8 6 12.500" />,
  down: <path d="M3.500 6 8 10.500 12.500 6" />,
  out: <path d="M11.200 11.200 14.500 14.500M4.600 7h4.800" />,
  lens: <path d="M10.300 10.300 14 14" />,
  clock: <path d="M8 4.500V8l2.300 1.600" />,
  link: (
    <path d="M6.700 9.300a2.700 2.700 0 0 0 3.900 0l2.300-2.300a2.760 2.760 0 0 0-3.900-3.900l-.8.8M9.300 6.700a2.700 2.700 0 0 0-3.900 0L3.100 9a2.760 2.760 0 0 0 3.900 3.900l.8-.8" />
  ),
  plus: <path d="M8 3.500v9M3.500 8h9" />,
  minus: <path d="M3.500 8h9" />,
  download: <path d="M8 2.500v7.500M4.700 7 8 10.300 11.300 7M3 13.500h10" />,
  box: <path d="M2.500 5 8 2.200 13.500 5v6L8 13.800 2.500 11zM2.500 5 8 7.800 13.500 5M8 7.800v6" />,
  chart: <path d="M2.500 2.500v11h11M5 10l2.700-3.300 2.100 1.800L13 4.500" />,
  table: <path d="M2.500 3.500h11v9h-11zM2.500 6.500h11M6.500 6.500v6" />,
  rows: <path d="M2.500 4h11M2.500 8h11M2.500 12h7" />,
  drive: <path d="M5.500 2.500h5v4h-5zM4 6.500h8v5.500a1.500 1.500 0 0 1-1.500 1.500h-5A1.500 1.500 0 0 1 4 12z" />,
  server: <path d="M2.500 3h11v4h-11zM2.500 9h11v4h-11zM5 5v.1M5 11v.1" />,
  key: <path d="M9.300 6.700 14 2M11.500 4.500l1.700 1.700" />,
  wait: <path d="M8 2.500a5.500 5.500 0 1 0 5.500 5.500" />,
} as const;

export type IconName = keyof typeof paths;

const rings: Partial<Record<IconName, string>> = {
  out: '7 7 4.8',
  lens: '6.8 6.8 4.5',
  clock: '8 8 5.8',
  key: '6 10 3.5',
};

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  const [cx, cy, r] = (rings[name] ?? '').split(' ');
  return (
    <svg
      class={name === 'wait' ? 'icon icon-wait' : 'icon'}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.500"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {r ? <circle cx={cx} cy={cy} r={r} /> : null}
      {paths[name]}
    </svg>
  );
}
