import { SextantError } from '../../errors/sextant-error.ts';
import type { Tokens } from '../identity/tokens.ts';

/** Whoever has the collector's machine; it makes everybody's first token. */
const localUser = 'local';

/**
 * Throws SX_EXPORT_REFUSED unless `approver` is on the site's list and somebody else than `requester`: another name is
 * not enough, since an administrator can make a token in any name. Nobody counts whose tokens the other one made, and
 * nobody who has them from the same administrator.
 */
export function demandSecondPerson(
  { requester, approver }: { requester: string; approver: string },
  { approvers, tokens }: { approvers: readonly string[]; tokens: Pick<Tokens, 'makersOf'> },
): void {
  const refuse = (why: string, nextStep: string): never => {
    throw new SextantError('SX_EXPORT_REFUSED', why, { nextStep });
  };
  if (approver === requester) {
    refuse(`${approver} asked for this export: another person has to approve it`, 'ask an approver of media.approvers');
  }
  if (!approvers.some((entry) => (entry.split('=', 1)[0] ?? '') === approver)) {
    refuse(
      `${approver} is not one of this site’s approvers`,
      'ask one of them, or have the name added to media.approvers',
    );
  }
  const own = tokens.makersOf(requester).add(requester);
  const other = tokens.makersOf(approver).add(approver);
  const nextStep = 'have the collector’s own `sextant token create` make the tokens of both persons';
  if (other.has(requester)) refuse(`${requester} made a token of ${approver}: that is no second person`, nextStep);
  if (own.has(approver)) refuse(`${approver} made a token of ${requester}: that is no second person`, nextStep);
  const common = [...own].find((name) => name !== localUser && other.has(name));
  if (common !== undefined) {
    refuse(`${common} made tokens of both ${requester} and ${approver}: that is no second person`, nextStep);
  }
}
