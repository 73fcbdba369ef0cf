import { SextantError } from '../../errors/sextant-error.ts';
import type { ProfileTable } from './profile-table.ts';

/** Names of the profiles that nodes have, as they have told them. */
export interface KnownRoles {
  /** Those of these roles that no node is known to have. */
  without(roles: readonly string[]): string[];
  /**
   * Throws SX_NOT_FOUND, with the roles that there are, for one that no node has. What cannot be known passes: while there
   * is no node yet, or one that has not told its roles.
   */
  demand(roles: readonly string[]): void;
}

export function createKnownRoles(parts: { nodeNames(): string[]; reports: ProfileTable['reports'] }): KnownRoles {
  function told(): { known: Set<string>; isWhole: boolean } {
    const reports = new Map(parts.reports().map(({ node, report }) => [node, report.roles]));
    // Without nodes that were revoked: their reports stay.
    const lists = parts.nodeNames().map((node) => reports.get(node));
    return {
      known: new Set(lists.flatMap((roles) => roles ?? [])),
      isWhole: lists.length > 0 && lists.every((roles) => roles !== undefined),
    };
  }

  return {
    without(roles) {
      if (roles.length === 0) return [];
      const { known } = told();
      return roles.filter((role) => !known.has(role));
    },
    demand(roles) {
      if (roles.length === 0) return;
      const { known, isWhole } = told();
      const unknown = roles.find((role) => !known.has(role));
      if (unknown === undefined || !isWhole) return;
      throw new SextantError(
        'SX_NOT_FOUND',
        `no node has the role ${unknown}; nodes have ${[...known].sort().join(', ') || 'none'}`,
        { nextStep: 'correct it, or push with --force (API: "force": true) for nodes that are still to come' },
      );
    },
  };
}
