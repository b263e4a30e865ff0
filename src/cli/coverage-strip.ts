/** The last 24 hours of an index as one sign a slot: what of them it holds. Pure: a manifest in, cells out. */
import type { Manifest } from '../manifest/manifest.js';
import { formatTime } from './format.js';

export type CellState = 'base' | 'covered' | 'skipped' | 'late' | 'held' | 'missing' | 'quarantined';

/** Half-open range of partition times, ms since the epoch: it holds the slots that begin in it. */
export interface StripCell {
  readonly from: number;
  readonly to: number;
  /** The gravest of its slots. */
  readonly state: CellState;
}

export interface CoverageStrip {
  /** From one partition to the next, as most of them lie. */
  readonly slotMs: number;
  /** Time of one cell: some whole slots. */
  readonly cellMs: number;
  readonly cells: readonly StripCell[];
}

/** From harmless to grave: a cell of several slots shows the gravest. */
const SIGNS: Readonly<Record<CellState, string>> = {
  base: '=',
  covered: '#',
  skipped: '.',
  late: 'L',
  held: 'H',
  missing: '-',
  quarantined: 'Q',
};

const MEANINGS: Readonly<Record<CellState, string>> = {
  base: 'in the base',
  covered: 'covered',
  skipped: 'skipped',
  late: 'late, read again',
  held: 'held',
  missing: 'missing',
  quarantined: 'quarantined',
};

const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;
/** Lines of a strip at most: narrower terminals and shorter slots take more slots a cell. */
const MAX_LINES = 8;

/** Cells a line, for lines that begin at round times whatever the slot: divisors of a day's halves and hours. */
const LINE_CELLS = [144, 96, 72, 60, 48, 36, 24, 12];

/** The 24 hours up to the newest partition known; undefined where none is. `width` = columns that a line of cells may take. */
export function coverageStrip(manifest: Manifest, width: number): CoverageStrip | undefined {
  const { coverage, base, held } = manifest;
  const known = new Map<number, CellState>();
  for (const { time, state } of coverage.partitions) known.set(time, state === 'late' ? 'late' : 'covered');
  for (const { time, reason } of coverage.skipped) {
    known.set(time, reason === 'quarantined' || reason === 'held' ? reason : 'skipped');
  }
  const times = [...known.keys()].sort((a, b) => a - b);
  const ends = [...times.slice(-1), ...(base === null ? [] : [base.watermark]), ...held.map(({ to }) => to)];
  const last = Math.max(...ends);
  if (!Number.isFinite(last)) return undefined;
  const slotMs = slotOf(times);
  const perLine = lineCells(width);
  const cellMs = slotMs * Math.max(1, Math.ceil(DAY_MS / slotMs / (perLine * MAX_LINES)));
  const end = last + slotMs;
  const begin = end - Math.ceil(DAY_MS / cellMs) * cellMs;
  const first = base === null ? (times[0] ?? last) : Number.NEGATIVE_INFINITY;
  const stateAt = (from: number): CellState | undefined => {
    const own = times.filter((time) => time >= from && time < from + slotMs).map((time) => known.get(time)!);
    if (own.length > 0) return gravest(own);
    if (from + slotMs <= first) return undefined;
    if (held.some((span) => (span.from === undefined || from > span.from) && from <= span.to)) return 'held';
    return base !== null && from <= base.watermark ? 'base' : 'missing';
  };
  const cells: StripCell[] = [];
  for (let from = begin; from < end; from += cellMs) {
    const slots = Array.from({ length: cellMs / slotMs }, (_, i) => stateAt(from + i * slotMs));
    const states = slots.filter((state) => state !== undefined);
    if (states.length > 0) cells.push({ from, to: from + cellMs, state: gravest(states) });
  }
  return { slotMs, cellMs, cells };
}

/** Lines of signs with the time of each line's first cell, and what the signs in them mean. */
export function stripLines(strip: CoverageStrip, width: number): string[] {
  const perLine = lineCells(width);
  const lines: string[] = [];
  for (let at = 0; at < strip.cells.length; at += perLine) {
    const line = strip.cells.slice(at, at + perLine);
    lines.push(`${formatTime(line[0]!.from)}  ${line.map(({ state }) => SIGNS[state]).join('')}`);
  }
  const met = Object.keys(SIGNS).filter((state) => strip.cells.some((cell) => cell.state === state)) as CellState[];
  const legend = met.map((state) => `${SIGNS[state]} ${MEANINGS[state]}`).join('   ');
  return [...lines, `${legend}   (${formatMinutes(strip.cellMs)} a sign)`];
}

function lineCells(width: number): number {
  return LINE_CELLS.find((cells) => cells <= width) ?? LINE_CELLS.at(-1)!;
}

function gravest(states: readonly CellState[]): CellState {
  const order = Object.keys(SIGNS) as CellState[];
  return states.reduce((worst, state) => (order.indexOf(state) > order.indexOf(worst) ? state : worst));
}

/** The distance that most neighbours have, the shorter one where two are as common; an hour where there are no neighbours. */
function slotOf(times: readonly number[]): number {
  const counts = new Map<number, number>();
  for (let i = 1; i < times.length; i++) {
    const distance = times[i]! - times[i - 1]!;
    counts.set(distance, (counts.get(distance) ?? 0) + 1);
  }
  const [common] = [...counts].sort(([a, countA], [b, countB]) => countB - countA || a - b);
  return Math.min(common?.[0] ?? 60 * MINUTE_MS, DAY_MS);
}

function formatMinutes(ms: number): string {
  return ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS} min` : `${ms / 1000} s`;
}
