import type { CoverageSource } from '../../bundle/coverage.ts';
import { noRole } from '../../bundle/no-role.ts';

/**
 * Coverage in which a role that no node has is a gap. That one of several nodes has no such role is as it should be; when none
 * has, the role was written wrongly, and the bundle does not have what was asked for. A node says so with a source that is
 * called as the role is; nodes that did not answer may have it.
 */
export function withUnknownRoles(
  sources: readonly CoverageSource[],
  asked: { roles: readonly string[]; nodes: readonly string[] },
): CoverageSource[] {
  const lacks = new Set(
    sources.flatMap(({ node, source, state }) => (state === 'absent' ? [`${node}\0${source}`] : [])),
  );
  const unknown = asked.roles.filter(
    (role) => role !== noRole && asked.nodes.length > 0 && asked.nodes.every((node) => lacks.has(`${node}\0${role}`)),
  );
  return sources.map((source) =>
    unknown.includes(source.source) && source.state === 'absent'
      ? {
          ...source,
          state: 'failed',
          reason: `${source.reason ?? 'there is no such role'}; no node that was asked has it`,
        }
      : source,
  );
}
