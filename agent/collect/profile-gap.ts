import type { CoverageSource } from '../../bundle/coverage.ts';
import { profileSource } from '../../protocol/profile-source.ts';
import type { LocalFault } from '../profile/fallback/fall-back.ts';

const maxReasonChars = 2000;

/**
 * What a fault of the node's own profile is in a bundle: nobody can tell what the profile wanted to have taken, so there
 * is no saying that all of it is here. Empty without a fault.
 */
export const profileGap = (node: string, fault: LocalFault | undefined): CoverageSource[] =>
  fault === undefined
    ? []
    : [
        {
          ...{ node, source: profileSource, state: 'partial', bytes: 0, first: null, last: null },
          reason: `${fault.instead}. ${fault.text}`.slice(0, maxReasonChars),
          masked: {},
        },
      ];
