// From a regular expression over named sets to the smallest table that reads it: Thompson, subset construction, Moore.
// Only the longest match is asked of it, never which alternative matched.

/** @typedef {{kind: 'set', name: string} | {kind: 'seq' | 'or', parts: Node[]} | {kind: 'many', part: Node}} Node */

export const set = (name) => ({ kind: 'set', name });
export const seq = (...parts) => ({ kind: 'seq', parts });
export const or = (...parts) => ({ kind: 'or', parts });
/** Zero or more. */
export const many = (part) => ({ kind: 'many', part });
/** One or more. */
export const some = (part) => seq(part, many(part));
export const maybe = (part) => or(part, seq());

/** Adds `node` to the automaton `nfa` (a list of {empty: targets, edges: [{name, to}]}) behind `from`; returns its end. */
function build(nfa, node, from) {
  const add = () => nfa.push({ empty: [], edges: [] }) - 1;
  if (node.kind === 'seq') return node.parts.reduce((at, part) => build(nfa, part, at), from);
  const end = add();
  if (node.kind === 'set') {
    nfa[from].edges.push({ name: node.name, to: end });
  } else if (node.kind === 'or') {
    for (const part of node.parts) {
      const start = add();
      nfa[from].empty.push(start);
      nfa[build(nfa, part, start)].empty.push(end);
    }
  } else {
    const start = add();
    nfa[from].empty.push(start, end);
    nfa[build(nfa, node.part, start)].empty.push(start, end);
  }
  return end;
}

/** All states reachable from `states` without reading, ascending. */
function closure(nfa, states) {
  const reached = new Set(states);
  for (const state of reached) for (const next of nfa[state].empty) reached.add(next);
  return [...reached].sort((a, b) => a - b);
}

/** Subset construction: rows of next state per class, state 0 dead, state 1 the start. */
function determine(nfa, accept, classes) {
  const ids = new Map([['', 0]]);
  const rows = [classes.map(() => 0)];
  const accepting = [false];
  const subsets = [[]];
  const idOf = (subset) => {
    const key = subset.join(' ');
    if (!ids.has(key)) {
      ids.set(key, subsets.push(subset) - 1);
      accepting.push(subset.includes(accept));
    }
    return ids.get(key);
  };
  idOf(closure(nfa, [0]));
  for (let id = 1; id < subsets.length; id++) {
    rows[id] = classes.map((names) => {
      const targets = subsets[id].flatMap((state) =>
        nfa[state].edges.filter((e) => names.has(e.name)).map((e) => e.to),
      );
      return idOf(closure(nfa, targets));
    });
  }
  return { rows, accepting };
}

/** Numbers every state by its block: states are split until all of a block agree on acceptance and on the blocks they lead to. */
function partition({ rows, accepting }) {
  let blocks = accepting.map((accepts) => (accepts ? 1 : 0));
  for (let count = 2; ; ) {
    const ids = new Map();
    const next = rows.map((row, state) => {
      const key = `${blocks[state]}:${row.map((to) => blocks[to]).join(' ')}`;
      if (!ids.has(key)) ids.set(key, ids.size);
      return ids.get(key);
    });
    blocks = next;
    if (ids.size === count) return blocks;
    count = ids.size;
  }
}

/**
 * Compiles `expression` for an alphabet of classes.
 * @param {Node} expression
 * @param {Set<string>[]} classes the names of the sets that each class lies in
 * @returns {{rows: number[][], firstAccepting: number}} row 0 is dead, row 1 the start, accepting rows stand last
 */
export function compile(expression, classes) {
  const nfa = [{ empty: [], edges: [] }];
  const accept = build(nfa, expression, 0);
  const dfa = determine(nfa, accept, classes);
  const blocks = partition(dfa);
  const samples = [...new Set(blocks)].map((block) => blocks.indexOf(block));
  const rank = (state) => (state < 2 ? state : dfa.accepting[state] ? 3 : 2);
  samples.sort((a, b) => rank(a) - rank(b) || a - b);
  const numberOf = new Map(samples.map((state, index) => [blocks[state], index]));
  return {
    rows: samples.map((state) => dfa.rows[state].map((to) => numberOf.get(blocks[to]))),
    firstAccepting: samples.findIndex((state) => dfa.accepting[state]),
  };
}
