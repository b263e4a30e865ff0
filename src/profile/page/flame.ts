/**
 * The page's flame graph, run by the reader's browser: callers above, callees below, width = time. Written into the page as it
 * is, so it imports nothing. Every frame is an element: focusable, labelled, reached by the arrow keys.
 */

/** As `flame-data.ts` writes them. */
type Node = readonly [fn: number, totalUs: number, selfUs: number, calls: readonly Node[]];

interface Data {
  readonly functions: readonly (readonly [name: string, place: string, kind: string])[];
  readonly threads: readonly Node[];
}

/** A frame on the screen. Left and width are shares of what is zoomed to. */
interface Box {
  readonly node: Node;
  readonly parent: Box | undefined;
  readonly depth: number;
  readonly left: number;
  readonly width: number;
}

/** px; the style sheet knows the same. */
const ROW = 22;
/** px below which a frame is not drawn, and below which it carries no name. */
const MIN_WIDTH = 1;
const MIN_NAMED = 28;
const US_PER_MS = 1000;
const PERCENT = 100;

const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

const data = JSON.parse(byId('flame-data').textContent ?? '') as Data;
const graph = byId('flame');
const detail = byId('flame-detail');
const select = byId<HTMLSelectElement>('flame-thread');
const search = byId<HTMLInputElement>('flame-search');
const idle = byId<HTMLInputElement>('flame-idle');
const reset = byId<HTMLButtonElement>('flame-reset');

/** From the outermost zoomed call inwards. */
let zoom: Node[] = [];
let boxes: Box[] = [];
let elements = new Map<Box, HTMLElement>();

const functionOf = ([fn]: Node) => data.functions[fn]!;
const isIdle = (node: Node) => functionOf(node)[2] === 'idle';
const callsOf = (node: Node) => (idle.checked ? node[3] : node[3].filter((call) => !isIdle(call)));

/** Without waiting, a thread is as wide as its work. */
function usOf(node: Node): number {
  if (idle.checked || functionOf(node)[2] !== 'thread') return node[1];
  return node[1] - node[3].filter(isIdle).reduce((sum, [, us]) => sum + us, 0);
}

function topNodes(): readonly Node[] {
  return select.value === 'all' ? data.threads : [data.threads[Number(select.value)]!];
}

/** The rows: zoomed calls over the whole width, below them what they called. */
function layOut(widthPx: number): Box[] {
  const out: Box[] = [];
  const place = (node: Node, parent: Box | undefined, depth: number, left: number, width: number) => {
    if (width * widthPx < MIN_WIDTH) return;
    const box = { node, parent, depth, left, width };
    out.push(box);
    let at = left;
    for (const call of callsOf(node)) {
      const share = (width * usOf(call)) / Math.max(1, usOf(node));
      place(call, box, depth + 1, at, share);
      at += share;
    }
  };
  let above: Box | undefined;
  zoom.forEach((node, depth) => {
    if (depth === zoom.length - 1) return;
    above = { node, parent: above, depth, left: 0, width: 1 };
    out.push(above);
  });
  const bottom = zoom.at(-1);
  const tops = bottom === undefined ? topNodes() : [bottom];
  const total = tops.reduce((sum, node) => sum + usOf(node), 0);
  let at = 0;
  for (const node of tops) {
    const share = usOf(node) / Math.max(1, total);
    place(node, above, Math.max(0, zoom.length - 1), at, share);
    at += share;
  }
  return out;
}

function msText(us: number): string {
  return `${(us / US_PER_MS).toLocaleString('en-US', { maximumFractionDigits: us < US_PER_MS * PERCENT ? 2 : 0 })} ms`;
}

function textOf(node: Node): string {
  const [name, place] = functionOf(node);
  const all = topNodes().reduce((sum, top) => sum + usOf(top), 0);
  const share = ((usOf(node) / Math.max(1, all)) * PERCENT).toFixed(1);
  const where = place === '' ? '' : `, ${place}`;
  return `${name}${where}: ${msText(usOf(node))} (${share} % of what is shown), itself ${msText(node[2])}`;
}

function isFound(node: Node): boolean {
  const wanted = search.value.trim().toLowerCase();
  const [name, place] = functionOf(node);
  return wanted !== '' && `${name} ${place}`.toLowerCase().includes(wanted);
}

function elementOf(box: Box, widthPx: number): HTMLElement {
  const [name, , kind] = functionOf(box.node);
  const element = document.createElement('div');
  element.className = `frame k-${kind}${isFound(box.node) ? ' found' : ''}`;
  element.setAttribute('role', 'treeitem');
  element.setAttribute('aria-level', String(box.depth + 1));
  element.setAttribute('aria-label', textOf(box.node));
  if (callsOf(box.node).length > 0) element.setAttribute('aria-expanded', 'true');
  element.tabIndex = -1;
  element.style.left = `${box.left * PERCENT}%`;
  element.style.width = `${box.width * PERCENT}%`;
  element.style.top = `${box.depth * ROW}px`;
  if (box.width * widthPx >= MIN_NAMED) element.textContent = name;
  element.addEventListener('mouseenter', () => show(box));
  element.addEventListener('focus', () => show(box));
  element.addEventListener('click', () => zoomTo(box));
  element.addEventListener('keydown', (event) => onKey(event, box));
  return element;
}

function show({ node }: Box): void {
  detail.textContent = textOf(node);
}

function draw(focus?: Node): void {
  const widthPx = graph.clientWidth;
  boxes = layOut(widthPx);
  elements = new Map(boxes.map((box) => [box, elementOf(box, widthPx)]));
  graph.replaceChildren(...elements.values());
  const depth = boxes.reduce((most, box) => Math.max(most, box.depth), 0);
  graph.style.height = `${(depth + 1) * ROW}px`;
  reset.disabled = zoom.length === 0;
  const focused = boxes.find(({ node }) => node === focus);
  const first = elements.get(focused ?? boxes[0]!);
  if (first !== undefined) first.tabIndex = 0;
  if (focused !== undefined) first?.focus({ preventScroll: true });
}

/** Zooms to a frame; to the one zoomed to already: back out by one. */
function zoomTo(box: Box): void {
  if (box.node === zoom.at(-1)) {
    zoomOut();
    return;
  }
  const path: Node[] = [];
  for (let at: Box | undefined = box; at !== undefined; at = at.parent) path.unshift(at.node);
  zoom = path;
  draw(box.node);
}

function zoomOut(): void {
  const left = zoom.at(-1);
  zoom = zoom.slice(0, -1);
  draw(left);
}

function moveTo(box: Box | undefined, from: Box): void {
  if (box === undefined) return;
  elements.get(from)!.tabIndex = -1;
  const element = elements.get(box)!;
  element.tabIndex = 0;
  element.focus();
}

/** Up to the caller, down to the longest callee, left and right within the row; Enter zooms, Escape comes back. */
function onKey(event: KeyboardEvent, box: Box): void {
  const row = boxes.filter(({ depth }) => depth === box.depth);
  const at = row.indexOf(box);
  const actions: Record<string, () => void> = {
    ArrowUp: () => moveTo(box.parent, box),
    ArrowDown: () =>
      moveTo(
        boxes.find(({ parent }) => parent === box),
        box,
      ),
    ArrowLeft: () => moveTo(row[at - 1], box),
    ArrowRight: () => moveTo(row[at + 1], box),
    Home: () => moveTo(boxes[0], box),
    Enter: () => zoomTo(box),
    ' ': () => zoomTo(box),
    Escape: () => zoomOut(),
  };
  const action = actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action();
}

function startOver(): void {
  zoom = [];
  detail.textContent = '';
  draw();
}

data.threads.forEach((thread, i) => {
  select.append(new Option(functionOf(thread)[0], String(i)));
});
select.addEventListener('change', startOver);
idle.addEventListener('change', startOver);
reset.addEventListener('click', startOver);
search.addEventListener('input', () => draw());
let drawnWidth = 0;
new ResizeObserver(() => {
  if (graph.clientWidth === drawnWidth) return;
  drawnWidth = graph.clientWidth;
  draw();
}).observe(graph);
