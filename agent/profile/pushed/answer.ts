import { SextantError } from '../../../errors/sextant-error.ts';
import { fallBack } from '../fallback/fall-back.ts';
import { formatKept, readKept } from '../fallback/kept-layers.ts';
import { composeNode, type LocalLayers, readLocalLayers } from '../load.ts';
import type { ProfileQuestion, ReadProfile } from '../read.ts';
import { openHeld, readHeld } from './held.ts';
import type { PushedLayers } from './layers.ts';

/** Reads a node's profile with the pushed ones; over what can be gone on with when its own layers have a fault. */
export function answerProfile(question: ProfileQuestion): ReadProfile {
  const { names, dataDir, pushed } = question;
  const faults: string[] = [];
  const local = readLocalLayers({ names, dataDir }, faults);
  const opened = pushed && openPushed(pushed);
  try {
    const { profile, pushed: outcomes } = composeNode(local, opened, faults);
    return { profile, pushed: outcomes, roles: rolesOf(local), local: formatKept(local) };
  } catch (error) {
    if (!(error instanceof SextantError)) throw error;
    return goOn(question, { layers: local, isUnreadable: faults.length > 0 }, error.message);
  }
}

/** The same where the node's own layers give no answer: without a look at them. */
export function answerUnread(question: ProfileQuestion, why: string): ReadProfile {
  return goOn(question, { layers: { named: [], site: [] }, isUnreadable: true }, why);
}

function goOn(
  { dataDir, pushed }: ProfileQuestion,
  present: { layers: LocalLayers; isUnreadable: boolean },
  text: string,
): ReadProfile {
  const { layers, ...fault } = fallBack(readKept(dataDir), present);
  const { profile, pushed: outcomes } = composeNode(layers, pushed && openPushed(pushed));
  return { profile, pushed: outcomes, roles: rolesOf(layers), fault: { text, ...fault } };
}

/** As far as a message to the collector takes them, `protocol/control.ts`. */
const rolesOf = ({ named }: LocalLayers): string[] =>
  named
    .map(({ name }) => name)
    .filter((name) => name !== '' && name.length <= 255)
    .slice(0, 200);

/** Pushed profiles of a file, ready to be laid; undefined when there are none that prove themselves. */
export function openPushed({
  file,
  believedKey,
  node,
  allowed,
}: NonNullable<ProfileQuestion['pushed']>): PushedLayers | undefined {
  let held: ReturnType<typeof readHeld>;
  try {
    held = readHeld(file);
  } catch {
    // Damaged: the collector is asked again as soon as it is there.
    return undefined;
  }
  const opened = held && openHeld(held, believedKey);
  return opened && { ...opened, node, allowed, nowMs: Date.now() };
}
