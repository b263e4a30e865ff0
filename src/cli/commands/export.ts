/** `tidemark export`: an index in the formats of other programs. */
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import { ciffBytes } from '../../export/ciff.js';
import { documentsParquet, postingsParquet } from '../../export/parquet.js';
import { openSnapshot, type Snapshot } from '../../search/snapshot.js';
import { openStore } from '../../store/open.js';
import { formatBytes } from '../format.js';
import { addIndexOptions, type IndexOptions, openIndexStore, requireManifest } from '../index-options.js';
import { type CommandContext, printJson } from '../terminal.js';
import { addExportBulk } from './export-bulk.js';

interface ExportFlags extends IndexOptions {
  readonly out: string;
  readonly field?: string;
  readonly postings?: string;
  readonly json?: true;
}

const CIFF_EXAMPLE = `
Example:
  $ tidemark export ciff --index /tmp/index --field summary --out summary.ciff`;

const PARQUET_EXAMPLE = `
Examples:
  $ tidemark export parquet --index /tmp/index --out documents.parquet
  $ tidemark export parquet --index /tmp/index --postings summary --out postings.parquet
  $ duckdb -c "select term, count(*) from 'postings.parquet' group by term order by 2 desc limit 10"`;

export function addExport(command: Command, context: CommandContext): void {
  addExportBulk(command, context);
  const ciff = command
    .command('ciff')
    .description('one field as a Common Index File Format file: terms, postings, document lengths');
  addIndexOptions(ciff)
    .requiredOption('--field <name>', 'a text or keyword field')
    .requiredOption('--out <file>', 'the file to write')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', CIFF_EXAMPLE)
    .action((flags: ExportFlags) =>
      exportFile(flags, context, (snapshot) =>
        ciffBytes(snapshot, { field: flags.field!, description: describe(snapshot, flags.field!) }),
      ),
    );
  const parquet = command.command('parquet').description('live documents, or the postings of one field, as Parquet');
  addIndexOptions(parquet)
    .option('--postings <field>', 'one row a posting of this text or keyword field, instead of one a document')
    .requiredOption('--out <file>', 'the file to write')
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', PARQUET_EXAMPLE)
    .action((flags: ExportFlags) =>
      exportFile(flags, context, (snapshot) =>
        flags.postings === undefined ? documentsParquet(snapshot) : postingsParquet(snapshot, flags.postings),
      ),
    );
}

function describe({ manifest }: Snapshot, field: string): string {
  return `tidemark generation ${manifest.generation}, field ${field}`;
}

/** Writes the bytes of the newest generation; the file is there whole or not at all. */
async function exportFile(
  flags: ExportFlags,
  context: CommandContext,
  bytesOf: (snapshot: Snapshot) => AsyncGenerator<Uint8Array>,
): Promise<void> {
  const { terminal, clock, signal } = context;
  const index = await openIndexStore(flags, clock);
  const target = await openStore({ uri: dirname(flags.out) }, clock);
  try {
    const snapshot = await openSnapshot(index, await requireManifest(index, signal));
    if (snapshot.segments.length === 0) {
      throw new TidemarkError('not-found', 'the index holds no segment, so there is nothing to export', {
        where: { index: index.uri },
      });
    }
    const key = flags.out.slice(flags.out.lastIndexOf('/') + 1);
    const writer = await target.createWriter(key, signal);
    try {
      for await (const bytes of bytesOf(snapshot)) await writer.write(bytes);
    } catch (error) {
      await writer.abort();
      throw error;
    }
    const { size } = await writer.close();
    const { generation, counts } = snapshot.manifest;
    if (flags.json) printJson(terminal, { file: flags.out, bytes: size, generation, documents: counts.live });
    else terminal.out(`${flags.out}: ${formatBytes(size)}, generation ${generation}\n`);
  } finally {
    target.close();
    index.close();
  }
}
