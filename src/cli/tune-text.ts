/** What a tuning found, as people read it: table, what bounds the result, the verdict, the section to paste. */
import { toIso } from '../base/time.js';
import { describeBound, type PhaseBound } from '../tune/bound.js';
import type { Candidate, Knob } from '../tune/candidate.js';
import { isSame } from '../tune/candidate.js';
import type { Standing } from '../tune/frontier.js';
import type { MedianInterval } from '../tune/interval.js';
import type { Objective } from '../tune/objective.js';
import type { SearchStep } from '../tune/search.js';
import type { TuneResult } from '../tune/tune.js';
import { formatBytes, formatTable, formatTime, formatUnit } from './format.js';

/** What stands around a result: where it was found, and how to spell it. */
export interface TuneFacts {
  readonly objective: Objective;
  readonly budgetMs: number;
  readonly training: number;
  readonly holdOut: number | undefined;
  readonly standard: Candidate;
  /** Whether the settings at present are the built-in defaults. */
  readonly isDefault: boolean;
  readonly cores: number;
  readonly bounds: readonly PhaseBound[];
  readonly svg: string;
}

const FIGURE_NAMES: Readonly<Record<Objective, string>> = {
  latency: 'latency',
  size: 'segment size',
  cost: 'CPU time',
};

const KNOB_NAMES: Readonly<Record<Knob, string>> = {
  threads: 'threads',
  shardBytes: 'shard bytes',
  stored: 'codec and level of stored fields',
};

/** `8MiB`, `256KiB` */
export function spellSize(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}MiB` : bytes % 1024 === 0 ? `${bytes / 1024}KiB` : `${bytes}B`;
}

const spellShards = (shardBytes: Candidate['shardBytes']) => (shardBytes === 'auto' ? 'auto' : spellSize(shardBytes));

/** `2 threads, shards of 8MiB, deflate 4` */
export function spellCandidate({ threads, shardBytes, stored }: Candidate): string {
  const shards = shardBytes === 'auto' ? 'shards auto' : `shards of ${spellSize(shardBytes)}`;
  return `${formatUnit(threads, 'thread')}, ${shards}, ${spellStored(stored)}`;
}

const spellStored = ({ codec, level }: Candidate['stored']) => (codec === 'none' ? 'none' : `${codec} ${level}`);

/** The lines to paste. As many threads as cores are `auto`, so that they follow the machine. */
export function buildSection({ threads, shardBytes, stored }: Candidate, cores: number): string {
  return [
    'build:',
    `  threads: ${threads === cores ? 'auto' : threads}`,
    `  shardBytes: ${spellShards(shardBytes)}`,
    `  stored: { codec: ${stored.codec}, level: ${stored.level} }`,
  ].join('\n');
}

/** Lines of text, the last one ended too. */
export function formatTune(result: TuneResult, facts: TuneFacts): string {
  const lines = [
    `tuned for ${FIGURE_NAMES[facts.objective]} on the partition of ${formatTime(facts.training)}`,
    '',
    ...formatStandings(result, facts),
    '',
    'what bounds it',
    ...facts.bounds.map((bound) => `  ${describeBound(bound, result.advice.threads)}`),
    '',
    'what was tried',
    ...result.steps.map((step) => `  ${formatStep(step)}`),
    '',
    ...formatVerdict(result, facts),
    '',
    buildSection(result.advice, facts.cores),
    '',
    `plot: ${facts.svg}`,
  ];
  return `${lines.join('\n')}\n`;
}

function formatStandings({ standings, advice }: TuneResult, { standard }: TuneFacts): string[] {
  const head = [
    '',
    'threads',
    'shards',
    'stored',
    'latency ms',
    'of present (90 %)',
    'segment bytes',
    'CPU s',
    'peak MB',
    'pairs',
  ];
  const rows = standings.map((row) => [
    markOf(row, standard, advice),
    `${row.candidate.threads}`,
    `${spellShards(row.candidate.shardBytes)} (${row.shards})`,
    spellStored(row.candidate.stored),
    row.latencyMs.toFixed(row.latencyMs < 100 ? 1 : 0),
    spellRatio(row.latencyRatio),
    formatBytes(row.segmentBytes).replace(' bytes', ''),
    (row.cpuMs / 1000).toFixed(row.cpuMs < 1000 ? 3 : 2),
    (row.peakBytes / 1e6).toFixed(0),
    `${row.pairs}`,
  ]);
  return [
    ...formatTable([head, ...rows], [1, 4, 5, 6, 7, 8, 9]),
    '* no other is better in latency, size and CPU time at once; > the advice; = the settings at present',
  ];
}

function markOf({ candidate, isOnFrontier }: Standing, standard: Candidate, advice: Candidate): string {
  return `${isOnFrontier ? '*' : ''}${isSame(candidate, advice) ? '>' : ''}${isSame(candidate, standard) ? '=' : ''}`;
}

/** `0.87 (0.84 to 0.90)`, without the interval where there is none. */
function spellRatio({ median, low, high }: MedianInterval): string {
  if (!Number.isFinite(high)) return median.toFixed(2);
  return `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function formatStep({ knob, challengers, untried, from, best, finalist, isDecided }: SearchStep): string {
  const name = KNOB_NAMES[knob];
  const left = untried === 0 ? '' : `; ${formatUnit(untried, 'value')} left out for lack of time`;
  if (challengers === 0)
    return untried === 0
      ? `${name}: no other value cuts this partition differently`
      : `${name}: not searched, the time is too short`;
  const tried = `${name}: ${formatUnit(challengers, 'other value')} tried`;
  if (!isDecided) return `${tried}, too few pairs to say anything${left}`;
  if (!isSame(best, from))
    return `${tried}, ${spellCandidate(best)} is better: ${spellRatio(finalist!.verdict.ratio)} of the one before${left}`;
  const spoiled = finalist?.verdict.spoiled.map(({ figure, ratio }) => `${FIGURE_NAMES[figure]} ${ratio.toFixed(2)}`);
  const why =
    spoiled !== undefined && spoiled.length > 0
      ? `the last one left spoils ${spoiled.join(' and ')} of the present`
      : `the last one left is at ${spellRatio(finalist!.verdict.ratio)} of the one before`;
  return `${tried}, none is better beyond the noise: ${why}${left}`;
}

function formatVerdict({ outcome, choice, validation, steps }: TuneResult, facts: TuneFacts): string[] {
  const { objective, isDefault, holdOut, training, budgetMs } = facts;
  const present = isDefault ? 'the default' : 'the settings at present';
  const where =
    holdOut === undefined
      ? `on the same partition (there is no other), by fresh builds`
      : `on the partition of ${toIso(holdOut ?? training).replace('.000Z', 'Z')}, which the search did not see`;
  const more = `give it more time, for example --budget ${Math.ceil((budgetMs * 3) / 60_000)}m`;
  if (outcome === 'none') {
    const count = (decided: boolean) =>
      steps.filter(({ isDecided }) => isDecided === decided).reduce((sum, { challengers }) => sum + challengers, 0);
    const open = steps.reduce((sum, { untried }) => sum + untried, count(false));
    const rest = open === 0 ? '' : ` ${formatUnit(open, 'value')} could not be judged in the time: ${more}.`;
    const title = `cannot beat ${present}: none of the ${count(true)} that could be judged is better beyond the noise.`;
    return [`${title}${rest} To say it in the file:`];
  }
  if (validation === undefined) return [`no answer: the time did not suffice; ${more}. The settings at present are:`];
  const { ratio, spoiled } = validation.verdict;
  const found = `${FIGURE_NAMES[objective]} ${spellRatio(ratio)} of ${present} (95 %, ${formatUnit(ratio.count, 'pair')}), ${where}`;
  switch (outcome) {
    case 'better': {
      const others = validation.others.map(({ figure, ratio: own }) => `${FIGURE_NAMES[figure]} ${own.toFixed(2)}`);
      const title = `${((1 - ratio.median) * 100).toFixed(1)} % better than ${present}: ${found}`;
      return [`${title}. Its ${others.join(', its ')}. Paste into tidemark.yaml:`];
    }
    case 'not-better': {
      const also = spoiled.map(({ figure, ratio: worse }) => `, ${FIGURE_NAMES[figure]} ${worse.toFixed(2)}`).join('');
      return [
        `cannot beat ${present}: ${spellCandidate(choice)} won the search, but did not hold: ${found}${also}. To say it in the file:`,
      ];
    }
    case 'too-few':
      return [
        `not proven: ${spellCandidate(choice)} won the search; ${found} are too few; ${more}. The settings at present are:`,
      ];
  }
}
