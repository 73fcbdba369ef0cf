import { expect, test } from 'vitest';
import type { CoverageSource } from '../../../../bundle/coverage.ts';
import { withUnknownRoles } from '../../../../collector/bundles/unknown-roles.ts';

const source = (node: string, name: string, state: CoverageSource['state']): CoverageSource => ({
  ...{ node, source: name, state, bytes: 0, first: null, last: null, masked: {} },
  reason: state === 'absent' ? 'the profile linux of this node has no such role' : null,
});
const states = (sources: CoverageSource[]): string[] => sources.map(({ node, state }) => `${node} ${state}`);

test('a role that no node has is a gap; one that some node has, or a silent one may have, is none', () => {
  const both = [source('n1', 'strorage', 'absent'), source('n2', 'strorage', 'absent')];
  const asked = { roles: ['strorage'], nodes: ['n1', 'n2'] };
  expect(states(withUnknownRoles(both, asked))).toEqual(['n1 failed', 'n2 failed']);
  expect(withUnknownRoles(both, asked)[0]?.reason).toBe(
    'the profile linux of this node has no such role; no node that was asked has it',
  );
  expect(states(withUnknownRoles(both, { ...asked, nodes: ['n1', 'n2', 'silent'] }))).toEqual([
    'n1 absent',
    'n2 absent',
  ]);
  const some = [source('n1', 'hyperv', 'absent'), source('n2', 'hyperv/vms', 'ok')];
  expect(states(withUnknownRoles(some, { roles: ['hyperv'], nodes: ['n1', 'n2'] }))).toEqual(['n1 absent', 'n2 ok']);
  const none = [source('n1', 'none', 'absent')];
  expect(states(withUnknownRoles(none, { roles: ['none'], nodes: ['n1'] }))).toEqual(['n1 absent']);
  const item = [source('n1', 'storage/mdadm', 'absent')];
  expect(states(withUnknownRoles(item, { roles: ['storage'], nodes: ['n1'] }))).toEqual(['n1 absent']);
});
