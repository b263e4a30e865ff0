/**
 * A WebAssembly module that counts the instructions it executes: noise-free, and the same on every machine. The module is taken as
 * folded text; a counter is raised at the head of every stretch that is executed as a whole.
 */
import binaryen from 'binaryen';

/** Name of the exported global (i64) that holds the count. */
export const COUNTER_EXPORT = 'instructions';

const COUNTER = '$instructions_executed';

type Node = string | Node[];

/** Lists that are no instructions. */
const PARTS = new Set(['param', 'result', 'local', 'type', 'export', 'import']);
/** Lists whose items are executed one after the other, with a head of their own. */
const SEQUENCES = new Set(['block', 'loop', 'then', 'else']);
/** After these, or after a sequence, what follows need not be executed. */
const BRANCHES = /^(br|br_if|br_table|return|unreachable)$/;

/** Adds the counter to a module; what it computes stays the same. Loads and arithmetic count alike: one each. */
export function countInstructions(wasm: Uint8Array): Uint8Array {
  const module = binaryen.readBinary(wasm);
  const text = module.emitText();
  module.dispose();
  const root = parse(text);
  for (const part of root) if (Array.isArray(part) && part[0] === 'func') instrumentFunction(part);
  const at = root.findIndex((part) => Array.isArray(part) && part[0] === 'func');
  root.splice(at < 0 ? root.length : at, 0, ['global', COUNTER, ['mut', 'i64'], ['i64.const', '0']]);
  root.push(['export', `"${COUNTER_EXPORT}"`, ['global', COUNTER]]);
  const counted = binaryen.parseText(print(root));
  counted.setFeatures(binaryen.Features.All);
  const bytes = counted.emitBinary();
  counted.dispose();
  return bytes;
}

function instrumentFunction(func: Node[]): void {
  const isBody = (part: Node) => Array.isArray(part) && !PARTS.has(String(part[0]));
  const start = func.findIndex(isBody);
  if (start >= 0) instrumentSequence(func, start);
}

/** Raises the counter before every stretch of items up to the next branch; items start at `start`. */
function instrumentSequence(list: Node[], start: number): void {
  const items = list.splice(start);
  let [pending, cost]: [Node[], number] = [[], 0];
  const close = () => {
    if (cost > 0) {
      list.push(['global.set', COUNTER, ['i64.add', ['global.get', COUNTER], ['i64.const', String(cost)]]]);
    }
    list.push(...pending);
    [pending, cost] = [[], 0];
  };
  for (const item of items) {
    pending.push(item);
    if (!Array.isArray(item)) continue;
    cost += costOf(item);
    if (mayLeave(item)) close();
  }
  close();
}

/** Instructions of an expression outside of the sequences in it, which are given counters of their own. */
function costOf(expression: Node[]): number {
  const name = String(expression[0]);
  if (PARTS.has(name)) return 0;
  if (SEQUENCES.has(name)) {
    const start = expression.findIndex((part, i) => i > 0 && Array.isArray(part) && !PARTS.has(String(part[0])));
    if (start > 0) instrumentSequence(expression, start);
    return name === 'loop' ? 1 : 0;
  }
  let cost = 1;
  for (const part of expression) if (Array.isArray(part)) cost += costOf(part);
  return cost;
}

function mayLeave(expression: Node[]): boolean {
  const name = String(expression[0]);
  if (BRANCHES.test(name) || SEQUENCES.has(name)) return true;
  return expression.some((part) => Array.isArray(part) && mayLeave(part));
}

/** The module's own list out of its text: atoms, strings and lists. */
function parse(text: string): Node[] {
  const open: Node[][] = [[]];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|;;[^\n]*|\(;[\s\S]*?;\)|[()]|[^\s()";]+/g)) {
    if (token.startsWith(';;') || token.startsWith('(;')) continue;
    if (token === '(') open.push([]);
    else if (token === ')') {
      const done = open.pop()!;
      open.at(-1)!.push(done);
    } else open.at(-1)!.push(token);
  }
  return open[0]![0] as Node[];
}

function print(node: Node): string {
  return typeof node === 'string' ? node : `(${node.map(print).join(' ')})`;
}
