/** A name of the site: of a machine, an account, or a domain. */
export interface SiteName {
  kind: 'host' | 'user' | 'domain';
  name: string;
}

interface TrieNode {
  next: Map<number, TrieNode>;
  fail: TrieNode | undefined;
  /** Index of the name that ends here; -1 for none. */
  name: number;
  id: number;
  depth: number;
}

const fold = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** The names as Aho and Corasick search them: one state a byte, all names at once, ASCII letters without case. */
export interface NameTrie {
  /** Bytes that any name holds, in lower case. */
  readonly alphabet: ReadonlySet<number>;
  readonly root: number;
  next(state: number, byte: number): number;
  /** How many bytes of a name are behind this state. */
  depth(state: number): number;
  /** Indices of the names that end in this state, the longest first. */
  endingIn(state: number): number[];
}

export function createNameTrie(names: readonly SiteName[]): NameTrie {
  const nodes: TrieNode[] = [];
  const makeNode = (depth: number): TrieNode => {
    const node: TrieNode = { next: new Map(), fail: undefined, name: -1, id: nodes.length, depth };
    nodes.push(node);
    return node;
  };
  const root = makeNode(0);
  const alphabet = new Set<number>();
  for (const [index, { name }] of names.entries()) {
    let node = root;
    for (const raw of Buffer.from(name, 'utf8')) {
      const byte = fold(raw);
      alphabet.add(byte);
      let next = node.next.get(byte);
      if (!next) {
        next = makeNode(node.depth + 1);
        node.next.set(byte, next);
      }
      node = next;
    }
    if (node.name === -1) node.name = index;
  }
  // Breadth first: a node's fallback is shorter, so it is known already.
  const queue: TrieNode[] = [root];
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] as TrieNode;
    for (const [byte, child] of node.next) {
      let fall = node.fail;
      while (fall && !fall.next.has(byte)) fall = fall.fail;
      child.fail = fall?.next.get(byte) ?? root;
      queue.push(child);
    }
  }
  return {
    alphabet,
    root: root.id,
    next: (state, raw) => {
      const byte = fold(raw);
      for (let node = nodes[state]; node; node = node.fail) {
        const next = node.next.get(byte);
        if (next) return next.id;
      }
      return root.id;
    },
    depth: (state) => nodes[state]?.depth ?? 0,
    endingIn: (state) => {
      const found: number[] = [];
      for (let node = nodes[state]; node; node = node.fail) if (node.name !== -1) found.push(node.name);
      return found;
    },
  };
}
