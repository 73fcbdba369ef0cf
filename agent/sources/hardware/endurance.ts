import type { describeComponent } from './instruments.ts';

/**
 * Says how much of a disk's rated writes is used and how much remains; nothing when the disk does not tell.
 *
 * `remaining` is the convention's. `used` is ours beside it: it goes beyond one when a disk is written to longer than
 * rated, where nothing remains. Every source tells both, so that whoever looks at one of them sees every disk.
 */
export function addEndurance(add: ReturnType<typeof describeComponent>['add'], used: number | undefined): void {
  if (used === undefined) return;
  add('hw.physical_disk.endurance_utilization', used, { 'hw.physical_disk.state': 'used' });
  add('hw.physical_disk.endurance_utilization', Math.max(0, 1 - used), { 'hw.physical_disk.state': 'remaining' });
}
