/**
 * Tidemark beside other programs on the same documents and fields, in one go.
 *
 *   npm run bench:peers -- [--threads 1,2] [--rounds 5] [--only lucene,tantivy,bound,tidemark] [--docs N] [--source FOLDER] [--smoke]
 *
 * Builds what can be built here and names the rest. Exit code 1 where a program failed or did other work than Tidemark.
 */
import { existsSync } from 'node:fs';
import { runAsCommand } from '../harness/command.js';
import { corpus } from '../harness/corpus.js';
import { type Result, scenario, type Table, type Widened } from '../harness/scenario.js';
import { median } from '../harness/statistics.js';
import { type CampaignOptions, type Measured, runCampaign, titleOf, variantsOf } from './campaign.js';
import { boundVerdict, type Check, checkWork } from './checks.js';
import { coldTable } from './cold.js';
import { pickProbes } from './probes.js';
import { PROGRAMS, type Program, referenceOf } from './programs.js';
import { figuresOf, mainTable, probeTable, programNotes } from './tables.js';
import { throughputTable } from './throughput.js';
import { buildToolchain, type ToolchainName } from './toolchains.js';

/** Below this a run is there to see that everything runs. */
const SMOKE_DOCS = 2_000;
/** The most memory-hungry program takes 10 KB a document. */
const ALL_AT_ONCE_DOCS = 20_000;

const DEFAULTS = {
  threads: [1, 2],
  rounds: 5,
  /** Of the programs that take long; each of them has a campaign of its own. */
  slowRounds: 3,
  /** Whole fresh processes; 0 = none. */
  coldRounds: 5,
  /** Two partitions at once; 0 = none. */
  throughputRounds: 3,
  /** Warm-up builds of every program instead of its own number; -1 = its own. */
  warmUps: -1,
  /** Names of programs; all unless told. */
  only: ['all'],
  docs: 200_000,
  /** Partitions in folders `dt=../hour=../minute=..`; the bench corpus unless told. */
  source: '',
};

type RunOptions = Widened<typeof DEFAULTS>;

interface Chosen {
  readonly programs: readonly Program[];
  /** Why a program is left out. */
  readonly skipped: readonly string[];
}

const checks: Check[] = [];

const peers = scenario({
  name: 'peers',
  script: 'npm run bench:peers --',
  describe:
    'The same documents, the same fields: id, two text fields with positions, frequencies and norms, two keyword fields, one numeric column. Every program is started once, warmed up, and then builds in turn with the others; ratios are those of builds of one round, with a bootstrap interval of 95 %. What differs from program to program stands in the notes and in `bench/peers/README.md`.',
  defaults: DEFAULTS,
  smoke: { docs: SMOKE_DOCS, rounds: 2, slowRounds: 1, coldRounds: 1, throughputRounds: 1, warmUps: 0, threads: [2] },
  run: (options, log) => run(options, log),
});

async function run(options: RunOptions, log: (line: string) => void): Promise<Result> {
  const chosen = choose(options, log);
  const source = options.source === '' ? (await corpus({ docs: options.docs })).uri : options.source;
  const probes = await pickProbes(source);
  const campaigns = await runCampaigns(chosen.programs, { ...campaignOptions(options, log), source, probes });
  const measured = campaigns.flat();
  checks.push(...checkWork(measured));
  const tables = [mainTable(campaigns, Math.max(...options.threads))];
  for (const field of ['summary', 'name']) tables.push(probeTable(measured, field, probes));
  const working = chosen.programs.filter(({ name }) => measured.some(isSound(name)));
  tables.push(...(await furtherTables(working, options, source, log)));
  const failures = checks.flatMap(({ name, problem }) =>
    problem === undefined ? [] : [`FAILED: ${name}: ${problem}`],
  );
  const notes = [...failures, ...verdicts(campaigns[0]!), ...chosen.skipped, ...programNotes(measured)];
  return { tables, plots: [], figures: figuresOf(campaigns), notes };
}

const isSound = (name: string) => (variant: Measured) => variant.program.name === name && variant.reports.length > 0;

/** Builds what is asked for; the references of what remains take part in any case. */
function choose({ only, docs, source }: RunOptions, log: (line: string) => void): Chosen {
  const names = PROGRAMS.map(({ name }) => name);
  const unknown = only.filter((name) => name !== 'all' && !names.includes(name));
  if (unknown.length > 0) throw new Error(`no such program: ${unknown.join(', ')}; there are ${names.join(', ')}`);
  const asked = PROGRAMS.filter(({ name }) => only.includes('all') || only.includes(name));
  const reasons = new Map<ToolchainName, string | undefined>();
  const smoke = source === '' && docs <= SMOKE_DOCS;
  for (const { toolchain } of asked) {
    if (toolchain !== undefined && !reasons.has(toolchain))
      reasons.set(toolchain, buildToolchain(toolchain, smoke, log));
  }
  const reasonOf = ({ toolchain, command }: Program) => {
    if (toolchain === undefined) return undefined;
    return reasons.get(toolchain) ?? (existsSync(command[0]!) ? undefined : `${command[0]} is not there`);
  };
  const taking = asked.filter((program) => reasonOf(program) === undefined);
  const skipped = asked.flatMap((program) => {
    const reason = reasonOf(program);
    return reason === undefined ? [] : [`SKIPPED: ${program.name}: ${reason}`];
  });
  for (const line of skipped) log(line);
  const programs = PROGRAMS.filter((program) => taking.includes(program) || taking.some(isReference(program)));
  return { programs, skipped };
}

const isReference = (program: Program) => (other: Program) => referenceOf(other) === program.name;

type Common = Omit<CampaignOptions, 'rounds'> & Pick<RunOptions, 'rounds' | 'slowRounds' | 'threads' | 'docs'>;

function campaignOptions({ rounds, slowRounds, threads, docs, warmUps }: RunOptions, log: (line: string) => void) {
  return {
    rounds,
    slowRounds,
    threads,
    docs,
    log,
    warmUps: (program: Program) => (warmUps < 0 ? program.warmUps : warmUps),
  };
}

/** The fast ones together, then each slow one beside its reference, so that memory holds them; few documents leave room for all at once. */
async function runCampaigns(programs: readonly Program[], options: Common): Promise<Measured[][]> {
  const isSlow = (program: Program) => program.slow && options.docs > ALL_AT_ONCE_DOCS;
  const groups = [programs.filter((program) => !isSlow(program))];
  for (const slow of programs.filter(isSlow)) {
    groups.push([...programs.filter(({ name }) => name === referenceOf(slow)), slow]);
  }
  const campaigns: Measured[][] = [];
  for (const [i, group] of groups.entries()) {
    options.log(`campaign ${i + 1} of ${groups.length}: ${group.map(({ name }) => name).join(', ')}`);
    const rounds = i === 0 ? options.rounds : options.slowRounds;
    const measured = await runCampaign(variantsOf(group, options.threads), { ...options, rounds });
    for (const variant of measured) options.log(`${titleOf(variant)}: ${summaryOf(variant)}`);
    campaigns.push(measured);
  }
  return campaigns;
}

/** For whoever waits for the tables. */
function summaryOf({ reports, failure }: Measured): string {
  return failure === undefined ? `${median(reports.map(({ ms }) => ms)).toFixed(0)} ms` : 'failed';
}

async function furtherTables(
  programs: readonly Program[],
  { coldRounds, throughputRounds, threads, docs, source }: RunOptions,
  uri: string,
  log: (line: string) => void,
): Promise<Table[]> {
  const tables: Table[] = [];
  if (coldRounds > 0) {
    log('cold processes');
    await guarded('cold processes', async () => {
      const most = Math.max(...threads);
      tables.push(await coldTable(programs, { source: uri, threads: most, rounds: coldRounds }));
    });
  }
  if (throughputRounds > 0 && source === '') {
    await guarded('two partitions at once', async () => {
      const two = await corpus({ docs: 2 * docs, partitions: 2, updateRatio: 0, tombstoneRatio: 0 });
      tables.push(await throughputTable(programs, { corpus: two, rounds: throughputRounds, log }));
    });
  }
  return tables;
}

/** A table that could not be made is a failed check, and the others stand. */
async function guarded(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    checks.push({ name });
  } catch (error) {
    checks.push({ name, problem: (error as Error).message });
  }
}

function verdicts(campaign: readonly Measured[]): string[] {
  const middle = (name: string, threads: number) => {
    const found = campaign.find((variant) => variant.program.name === name && variant.threads === threads);
    return found === undefined || found.reports.length === 0 ? undefined : median(found.reports.map(({ ms }) => ms));
  };
  return [...new Set(campaign.map(({ threads }) => threads))].flatMap((threads) => {
    const bound = middle('bound', threads);
    const tantivy = middle('tantivy', threads);
    return bound === undefined || tantivy === undefined ? [] : [`VERDICT: ${boundVerdict(threads, bound, tantivy)}`];
  });
}

await runAsCommand(peers, import.meta.url);
if (checks.length > 0) {
  const failed = checks.filter(({ problem }) => problem !== undefined);
  for (const { name, problem } of failed) console.error(`FAILED: ${name}: ${problem}`);
  console.log(`${checks.length - failed.length} passed, ${failed.length} failed`);
  if (failed.length > 0) process.exitCode = 1;
}
