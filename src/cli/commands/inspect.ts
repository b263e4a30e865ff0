/** `tidemark inspect`: an index by its newest manifest, or an input file by its schema. */
import type { Command } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import { toIso } from '../../base/time.js';
import { openInput } from '../../decode/input.js';
import { formatInputSummary, summarizeInput } from '../../decode/input-summary.js';
import { manifestToJson } from '../../manifest/codec.js';
import type { Manifest } from '../../manifest/manifest.js';
import { objectSource } from '../../store/byte-source.js';
import { openStore } from '../../store/open.js';
import { coverageStrip } from '../coverage-strip.js';
import { addIndexOptions, type IndexOptions, openIndexStore, requireManifest } from '../index-options.js';
import { formatManifest } from '../manifest-text.js';
import { type CommandContext, printJson } from '../terminal.js';

interface InspectOptions extends Partial<IndexOptions> {
  readonly json?: true;
}

const EXAMPLE = `
Examples:
  $ tidemark inspect --index /tmp/index
  $ tidemark inspect demo/data/packages/dt=2026-05-04/hour=01/minute=00/part-0000.parquet`;

export function addInspect(command: Command, context: CommandContext): void {
  command.argument('[file]', 'a Parquet or Arrow file');
  addIndexOptions(command, false)
    .option('--json', 'print the manifest, or the summary of the file, as JSON')
    .addHelpText('after', EXAMPLE)
    .action((file: string | undefined, options: InspectOptions) => inspect(file, options, context));
}

async function inspect(file: string | undefined, options: InspectOptions, context: CommandContext): Promise<void> {
  const { index } = options;
  if (file === undefined && index !== undefined) return inspectIndex({ ...options, index }, context);
  if (file !== undefined && index === undefined) return inspectFile(file, options, context);
  throw new TidemarkError('usage', 'inspect takes either a file or --index', { fix: 'name one of the two' });
}

async function inspectIndex(options: InspectOptions & IndexOptions, context: CommandContext): Promise<void> {
  const store = await openIndexStore(options, context.clock);
  try {
    const manifest = await requireManifest(store, context.signal);
    const { terminal } = context;
    if (options.json) printJson(terminal, { ...(manifestToJson(manifest) as object), strip: stripJson(manifest) });
    else terminal.out(formatManifest(manifest, terminal.columns));
  } finally {
    store.close();
  }
}

/** The cells as they would be drawn on a page without an edge; null before there is anything to show. */
function stripJson(manifest: Manifest) {
  const strip = coverageStrip(manifest, Number.POSITIVE_INFINITY);
  if (strip === undefined) return null;
  const cells = strip.cells.map(({ from, to, state }) => ({ from: toIso(from), to: toIso(to), state }));
  return { ...strip, cells };
}

async function inspectFile(file: string, options: InspectOptions, context: CommandContext): Promise<void> {
  const { terminal, signal, clock } = context;
  const slash = file.lastIndexOf('/');
  const folder = slash < 0 ? '.' : file.slice(0, slash) || '/';
  const key = file.slice(slash + 1);
  const { endpoint, region } = options;
  const store = await openStore({ uri: folder, ...(endpoint && { endpoint }), ...(region && { region }) }, clock);
  try {
    const object = await store.stat(key, signal);
    if (object === undefined) {
      throw new TidemarkError('usage', `there is no file ${file}`, { fix: 'name a Parquet or Arrow file' });
    }
    const input = await openInput(objectSource(store, object, signal), { key: file });
    const summary = summarizeInput(input, await input.pageVersions());
    input.close();
    if (options.json) printJson(terminal, summary);
    else terminal.out(`${formatInputSummary(summary)}\n`);
  } finally {
    store.close();
  }
}
