/** A sextant: the arc, the two arms, the index. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg
      class="logo"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.800"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d="M12 3 4 17.500M12 3l8 14.500M4 17.500a17 17 0 0 0 16 0" />
      <path d="m12 3 2.200 16.200" stroke-width="1.300" />
      <circle cx="12" cy="3" r="1.300" fill="currentColor" stroke="none" />
    </svg>
  );
}
