/**
 * What a node is called in a case whose first bundle is of the site `home`. A node of another site carries that site's
 * name: two sites may call their nodes the same.
 */
export const caseNodeName = (home: string, site: string, node: string): string =>
  site === home ? node : `${node}@${site}`.slice(0, 255);
