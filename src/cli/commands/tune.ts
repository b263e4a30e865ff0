/** `tidemark tune`: the build's knobs, searched on the user's own partitions. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import { toIso } from '../../base/time.js';
import type { Config } from '../../config/config.js';
import { DEFAULT_STORED_COMPRESSION } from '../../segment/compress.js';
import { openStore } from '../../store/open.js';
import { phaseBounds } from '../../tune/bound.js';
import { type Candidate, isSame } from '../../tune/candidate.js';
import { OBJECTIVES, type Objective } from '../../tune/objective.js';
import { type ChosenPartitions, choosePartitions, partitionGroups } from '../../tune/partitions.js';
import { plotFrontier } from '../../tune/plot.js';
import { type TuneResult, tune } from '../../tune/tune.js';
import { addBuildFlags, type ConfigFlags, configOf } from '../build-flags.js';
import { duration, instant, ratio } from '../options.js';
import { indexSettings } from '../settings.js';
import { type CommandContext, printJson } from '../terminal.js';
import { ProcessRig } from '../tune-rig.js';
import { buildSection, formatTune, spellCandidate, type TuneFacts } from '../tune-text.js';

interface TuneFlags extends ConfigFlags {
  readonly budget: number;
  readonly objective: Objective;
  readonly slack: number;
  readonly scratch?: string;
  readonly svg: string;
  readonly until?: number;
  readonly json?: true;
}

const EXAMPLE = `
Builds the newest ready partition again and again, into a scratch folder; the index is never touched. The winner has to prove
itself on another partition. Exit code 0 whether something better was found or not.

Example:
  $ tidemark tune -c tidemark.yaml --budget 2m
  $ tidemark tune --source demo/data/packages --id package --version updated_at --deleted deleted \\
      --text name,summary --keyword keywords --numeric downloads --stored name --objective size`;

export function addTune(command: Command, context: CommandContext): void {
  addBuildFlags(command)
    .option('--budget <duration>', 'time for searching and proving', duration, 120_000)
    .addOption(new Option('--objective <figure>', 'what to make small').choices(OBJECTIVES).default('latency'))
    .option('--slack <ratio>', 'how much worse latency or size may get for it', ratio, 0.25)
    .option('--scratch <folder>', 'where to build; on the disk that the index is on, if latency is to be true')
    .option('--svg <file>', 'where the plot goes', 'tidemark-tune.svg')
    .option('--until <time>', 'leave partitions after this time alone', instant)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: TuneFlags) => runTune(flags, context));
}

async function runTune(flags: TuneFlags, context: CommandContext): Promise<void> {
  const scratch = makeScratch(flags.scratch);
  // The index is never opened, so that flags need not name one.
  const named = { index: join(scratch, 'index'), ...flags };
  try {
    const config = await configOf(named, 'tune');
    await tuneInto(scratch, config, named, context);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function makeScratch(folder: string | undefined): string {
  try {
    return mkdtempSync(join(folder ?? tmpdir(), 'tidemark-tune-'));
  } catch (cause) {
    throw new TidemarkError('usage', `--scratch: nothing can be written there: ${(cause as Error).message}`, {
      fix: 'name a folder that is there and may be written to',
      cause,
    });
  }
}

async function tuneInto(scratch: string, config: Config, flags: TuneFlags, context: CommandContext): Promise<void> {
  const { clock, signal, terminal } = context;
  const settings = indexSettings(config, config.indexes[0]!);
  const source = await openStore(settings.source.store, clock);
  const rig = new ProcessRig(flags, scratch, clock, signal);
  const cores = availableParallelism();
  try {
    const partitions = await choosePartitions(source, settings.source, clock.now(), flags.until, signal);
    const { training, holdOut } = partitions;
    const groups = await partitionGroups(source, settings, training, signal);
    const standard = candidateOf(config, cores);
    const result = await tune({
      ...{ rig, standard, space: { cores, groups }, training: training.time, holdOut: holdOut?.time },
      ...{ objective: flags.objective, slack: flags.slack, budgetMs: flags.budget, elapsed: clock.elapsed },
      onStep: (knob, challengers) => terminal.err(`searching ${knob}: ${challengers} besides the best so far`),
      onValidate: (choice) => terminal.err(`proving ${spellCandidate(choice)}`),
    });
    const facts = factsOf(flags, partitions, standard, cores, result);
    writeFileSync(flags.svg, svgOf(result, facts));
    if (flags.json) printJson(terminal, jsonOf(result, facts));
    else terminal.out(formatTune(result, facts));
  } finally {
    await rig.close();
    source.close();
  }
}

/** The configuration's own settings: what the search starts from and has to beat. */
function candidateOf({ build }: Config, cores: number): Candidate {
  return {
    threads: build.threads === 'auto' ? cores : build.threads,
    shardBytes: build.shardBytes,
    stored: build.stored,
  };
}

function factsOf(
  { objective, budget, svg }: TuneFlags,
  { training, holdOut }: ChosenPartitions,
  standard: Candidate,
  cores: number,
  result: TuneResult,
): TuneFacts {
  return {
    objective,
    budgetMs: budget,
    training: training.time,
    holdOut: holdOut?.time,
    standard,
    isDefault: isSame(standard, { threads: cores, shardBytes: 'auto', stored: DEFAULT_STORED_COMPRESSION }),
    cores,
    bounds: phaseBounds(result.measurements, result.advice.threads, cores),
    svg,
  };
}

function svgOf({ standings, advice }: TuneResult, { standard, objective, training }: TuneFacts): string {
  return plotFrontier({
    standings,
    labels: standings.map(({ candidate }) => spellCandidate(candidate)),
    title: `tidemark tune for ${objective}: partition of ${toIso(training).replace('.000Z', 'Z')}`,
    standard: standings.findIndex(({ candidate }) => isSame(candidate, standard)),
    advice: standings.findIndex(({ candidate }) => isSame(candidate, advice)),
  });
}

function jsonOf(result: TuneResult, facts: TuneFacts): object {
  const { outcome, advice, choice, standings, steps, validation } = result;
  const { objective, budgetMs, training, holdOut, standard, bounds, svg, cores } = facts;
  return {
    ...{ outcome, objective, budgetMs, standard, choice, advice },
    training: toIso(training),
    holdOut: holdOut === undefined ? null : toIso(holdOut),
    validation:
      validation === undefined
        ? null
        : { ...validation.verdict, outcome: validation.outcome, others: validation.others },
    candidates: standings,
    ...{ steps, bounds, svg },
    build: buildSection(advice, cores),
  };
}
