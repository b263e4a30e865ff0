/** Results of the peers as tables and figures. */
import { formatNumber } from '../harness/report.js';
import type { Cell, Table } from '../harness/scenario.js';
import { type Interval, median, pairedRatio } from '../harness/statistics.js';
import type { Measured } from './campaign.js';
import type { PeerReport } from './peer-report.js';
import { referenceOf } from './programs.js';

/** Times per document of `a` over those of `b`, pair by pair: some libraries are given fewer documents. */
export function ratioOf(a: readonly PeerReport[], b: readonly PeerReport[]): Interval {
  const perDoc = ({ ms, docs }: PeerReport) => ms / docs;
  return pairedRatio(a.map(perDoc), b.map(perDoc));
}

export function showRatio({ value, low, high }: Interval): string {
  return `${formatNumber(value)} (${formatNumber(low)} to ${formatNumber(high)})`;
}

const megabytes = (bytes: number): Cell => (bytes === 0 ? '-' : (bytes / 1e6).toFixed(1));
/** Over the fields; what a program does not tell is no number. */
const total = (counts: Readonly<Record<string, number>>): Cell => {
  const numbers = Object.values(counts);
  return numbers.length === 0 ? '-' : numbers.reduce((a, b) => a + b, 0);
};

/** The reference on a number of threads, within the same rounds. */
function reference(variant: Measured, threads: number, campaign: readonly Measured[]): Measured | undefined {
  const name = referenceOf(variant.program);
  return campaign.find((other) => other.program.name === name && other.threads === threads && other.reports.length > 0);
}

/** One row a variant; `campaigns` were measured one after the other, each with its own reference. */
export function mainTable(campaigns: readonly (readonly Measured[])[], mostThreads: number): Table {
  const rows = campaigns.flatMap((campaign, nth) =>
    campaign
      .filter(({ program, reports }) => reports.length > 0 && (nth === 0 || program.name !== referenceOf(program)))
      .map((variant) => mainRow(variant, campaign, mostThreads)),
  );
  const columns = [
    'program',
    'version',
    'analyzer',
    'threads',
    'documents',
    'ms, median',
    'min to max',
    'times Tidemark',
  ];
  const more = [`times Tidemark on ${mostThreads} threads`, 'CPU ms', 'index MB', 'peak MB', 'tokens', 'terms'];
  return { title: 'Warm: from opening the file to a durable, readable index', columns: [...columns, ...more], rows };
}

function mainRow(variant: Measured, campaign: readonly Measured[], mostThreads: number): Cell[] {
  const { program, threads, reports } = variant;
  const last = reports.at(-1)!;
  const times = reports.map(({ ms }) => ms);
  const against = (count: number): Cell => {
    const other = reference(variant, count, campaign);
    return other === undefined || other === variant ? '-' : showRatio(ratioOf(reports, other.reports));
  };
  return [
    program.name,
    last.version,
    program.analyzer,
    threads,
    last.docs,
    Math.round(median(times)),
    `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`,
    against(threads),
    program.threads === 'one' && threads !== mostThreads ? against(mostThreads) : '-',
    Math.round(median(reports.map(({ cpuMs }) => cpuMs))),
    megabytes(last.indexBytes),
    megabytes(last.peakBytes),
    total(last.tokens),
    total(last.terms),
  ];
}

/** Documents that each probe word is in, by program: the same work gives the same row. */
export function probeTable(measured: readonly Measured[], field: string, words: readonly string[]): Table {
  const told = firstOfEach(measured).filter(({ reports }) => reports[0]!.docFreq[field] !== undefined);
  const rows = told.map(({ program, reports }) => [
    program.name,
    program.analyzer,
    ...words.map((word): Cell => reports[0]!.docFreq[field]![word] ?? '-'),
  ]);
  return { title: `Documents with a word in \`${field}\``, columns: ['program', 'analyzer', ...words], rows };
}

/** What each program says of itself, once. */
export function programNotes(measured: readonly Measured[]): string[] {
  return firstOfEach(measured).map(({ program, reports }) => `${program.name}: ${reports[0]!.notes}`);
}

function firstOfEach(measured: readonly Measured[]): Measured[] {
  const all = measured.filter(({ reports }) => reports.length > 0);
  return all.filter(({ program }, i) => all.findIndex((other) => other.program.name === program.name) === i);
}

/** By program and threads: `lucene2Ms`, `lucene2Ratio`, for whoever compares runs. */
export function figuresOf(campaigns: readonly (readonly Measured[])[]): Record<string, number> {
  const figures: Record<string, number> = {};
  for (const campaign of campaigns) {
    for (const variant of campaign) {
      if (variant.reports.length === 0) continue;
      const key = `${variant.program.name}${variant.threads}`;
      figures[`${key}Ms`] ??= median(variant.reports.map(({ ms }) => ms));
      figures[`${key}IndexBytes`] ??= variant.reports.at(-1)!.indexBytes;
      const other = reference(variant, variant.threads, campaign);
      if (other === undefined || other === variant) continue;
      const { value, low, high } = ratioOf(variant.reports, other.reports);
      Object.assign(figures, { [`${key}Ratio`]: value, [`${key}LowRatio`]: low, [`${key}HighRatio`]: high });
    }
  }
  return figures;
}
