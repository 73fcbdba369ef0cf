/**
 * What is to be said of something that has so many days left, fewer than none when it is over: `expires in 20 days`,
 * `expired 3 hours ago`. Whole days that are left or gone, hours within two of them: then they count.
 */
export function expiryText(daysLeft: number): string {
  const past = daysLeft < 0;
  // What was computed from hours comes back as hours, not as one less.
  const hours = Math.floor(Math.abs(daysLeft) * 24 + 1e-6);
  const amount =
    hours === 0 ? 'less than an hour' : hours < 48 ? plural(hours, 'hour') : plural(Math.floor(hours / 24), 'day');
  return past ? `expired ${amount} ago` : `expires in ${amount}`;
}

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
