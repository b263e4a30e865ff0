/** `tidemark gen`: seeded partitions for benches and trials, any size. */
import { type Command, Option } from 'commander';
import { type GenReport, generate } from '../../gen/generate.js';
import {
  GEN_CODECS,
  GEN_DEFAULTS,
  GEN_PRESETS,
  type GenCodec,
  type GenFormat,
  type GenOptions,
} from '../../gen/options.js';
import { formatPartition } from '../../partition/key.js';
import { compileTemplate } from '../../partition/template.js';
import { openStore } from '../../store/open.js';
import { formatBytes, formatCount, formatTable, formatUnit } from '../format.js';
import { instant, wholeNumber } from '../options.js';
import { type CommandContext, printJson } from '../terminal.js';

interface GenFlags {
  readonly out: string;
  readonly preset?: 'bench';
  readonly docs?: number;
  readonly partitions?: number;
  readonly objects?: number;
  readonly groupRows?: number;
  readonly seed?: number;
  readonly format?: GenFormat;
  readonly codec?: GenCodec;
  readonly start?: number;
  readonly partition: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly json?: true;
}

const EXAMPLE = `
Examples:
  $ tidemark gen --out /tmp/source --docs 10000 --partitions 4
  $ tidemark gen --out /tmp/bench --preset bench`;

export function addGen(command: Command, context: CommandContext): void {
  command
    .requiredOption('--out <uri>', 'prefix to write to: s3://bucket/prefix, file:path or a path')
    .addOption(new Option('--preset <name>', 'a named set of options').choices(Object.keys(GEN_PRESETS)))
    .option('--docs <count>', `rows over all partitions (default: ${GEN_DEFAULTS.docs})`, wholeNumber(1))
    .option('--partitions <count>', `partitions (default: ${GEN_DEFAULTS.partitions})`, wholeNumber(1))
    .option('--objects <count>', `files a partition (default: ${GEN_DEFAULTS.objects})`, wholeNumber(1))
    .option('--group-rows <count>', `rows a row group (default: ${GEN_DEFAULTS.groupRows})`, wholeNumber(1))
    .option('--seed <number>', `seed (default: ${GEN_DEFAULTS.seed})`, wholeNumber(0))
    .addOption(new Option('--format <name>', 'format (default: parquet)').choices(['parquet', 'arrow']))
    .addOption(new Option('--codec <name>', 'compression of Parquet (default: snappy)').choices(GEN_CODECS))
    .option('--start <time>', 'time of the first partition', instant)
    .option('--partition <template>', 'how a time is spelled as a folder, in UTC', 'dt=%Y-%m-%d/hour=%H/minute=%M')
    .option('--endpoint <url>', 'S3: address of a store that is not AWS')
    .option('--region <name>', 'S3: region of the bucket')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: GenFlags) => gen(flags, context));
}

async function gen(flags: GenFlags, { terminal, clock, signal }: CommandContext): Promise<void> {
  const template = compileTemplate(flags.partition);
  const { out, endpoint, region } = flags;
  const store = await openStore({ uri: out, ...(endpoint && { endpoint }), ...(region && { region }) }, clock);
  try {
    const report = await generate(genOptions(flags), {
      store,
      folderOf: (time) => formatPartition(template, time),
      signal,
    });
    if (flags.json) printJson(terminal, report);
    else terminal.out(formatGen(report, store.uri));
  } finally {
    store.close();
  }
}

/** The preset's options, or the defaults, with what the flags say instead. */
function genOptions(flags: GenFlags): GenOptions {
  const preset = flags.preset === undefined ? GEN_DEFAULTS : GEN_PRESETS[flags.preset];
  return {
    ...preset,
    docs: flags.docs ?? preset.docs,
    partitions: flags.partitions ?? preset.partitions,
    objects: flags.objects ?? preset.objects,
    groupRows: flags.groupRows ?? preset.groupRows,
    seed: flags.seed ?? preset.seed,
    format: flags.format ?? preset.format,
    codec: flags.codec ?? preset.codec,
    startMs: flags.start ?? preset.startMs,
  };
}

function formatGen(
  { rows, ids, tombstones, terms, tokens, textBytes, bytes, objects, partitions }: GenReport,
  uri: string,
) {
  const facts = [
    ['written', `${formatUnit(partitions, 'partition')}, ${formatUnit(objects.length, 'file')}, ${formatBytes(bytes)}`],
    ['rows', `${formatCount(rows)}: ${formatUnit(ids, 'id')}, ${formatUnit(tombstones, 'tombstone')}`],
    ['text', `${formatBytes(textBytes)}, ${formatCount(tokens)} tokens, ${formatCount(terms)} distinct`],
    ['under', uri],
  ];
  return `${formatTable(facts).join('\n')}\n`;
}
