/** `tidemark explain`: why something is, or is not, visible. */
import type { Command } from 'commander';
import { explainDocument } from '../../explain/document.js';
import type { Explanation } from '../../explain/explanation.js';
import { explainGroup } from '../../explain/group.js';
import { openExplain } from '../../explain/open.js';
import { explainPartition } from '../../explain/partition.js';
import { readManifest } from '../../manifest/newest.js';
import { openStore } from '../../store/open.js';
import { formatTable } from '../format.js';
import { addIndexOptions, type IndexOptions, openIndexStore, requireManifest } from '../index-options.js';
import { instant, readConfig, wholeNumber } from '../options.js';
import { type CommandContext, printJson } from '../terminal.js';

interface ExplainFlags extends IndexOptions {
  readonly config?: string;
  readonly generation?: number;
  readonly json?: true;
}

const EXAMPLE = `
Examples:
  $ tidemark explain doc left-pad --index /tmp/index
  $ tidemark explain group @types --index /tmp/index
  $ tidemark explain partition 2026-05-04T01:05:00Z --index /tmp/index -c tidemark.yaml`;

export function addExplain(command: Command, context: CommandContext): void {
  command.addHelpText('after', EXAMPLE);
  const add = (name: string, what: string) =>
    addIndexOptions(command.command(name).description(what))
      .option('-c, --config <file>', 'configuration: what lies in the source is looked at too')
      .option('--generation <number>', 'as of this generation; the newest unless told', wholeNumber(1))
      .option('--json', 'print {visible, because} as JSON');
  add('doc', 'a document by its id')
    .argument('<id>')
    .action((id: string, flags: ExplainFlags) => explain(flags, context, (opened) => explainDocument(opened, id)));
  add('group', 'a group by its key')
    .argument('<key>')
    .action((key: string, flags: ExplainFlags) => explain(flags, context, (opened) => explainGroup(opened, key)));
  add('partition', 'a partition by its time')
    .argument('<time>', 'in UTC', instant)
    .action((time: number, flags: ExplainFlags) => explain(flags, context, (opened) => explainPartition(opened, time)));
}

async function explain(
  flags: ExplainFlags,
  context: CommandContext,
  answer: (opened: Awaited<ReturnType<typeof openExplain>>) => Promise<Explanation>,
): Promise<void> {
  const { clock, signal, terminal } = context;
  const store = await openIndexStore(flags, clock);
  const source = await sourceOf(flags, context);
  try {
    const { generation } = flags;
    const manifest =
      generation === undefined ? await requireManifest(store, signal) : await readManifest(store, generation, signal);
    const explanation = await answer(await openExplain(store, manifest, source, clock, signal));
    if (flags.json) printJson(terminal, explanation);
    else terminal.out(format(explanation));
  } finally {
    source?.store.close();
    store.close();
  }
}

/** The source of the file's index that lies at `--index`, or else of its only one. */
async function sourceOf({ config, index }: ExplainFlags, { clock }: CommandContext) {
  if (config === undefined) return undefined;
  const { indexes } = await readConfig(config);
  const { source, schema } = indexes.find(({ index: target }) => target.store.uri === index) ?? indexes[0]!;
  return { store: await openStore(source.store, clock), settings: source, idColumn: schema.id };
}

function format({ visible, because }: Explanation): string {
  const rows = formatTable(because.map(({ step, detail }) => [step, detail])).map((line) => `  ${line}`);
  return `${[visible ? 'visible' : 'not visible', ...rows].join('\n')}\n`;
}
