/** `tidemark export bulk`: what changed since a generation, as bulk actions of other engines; streamed, and resumed where it broke off. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { Command } from 'commander';
import { Option } from 'commander';
import { TidemarkError } from '../../base/errors.js';
import { type BulkPlace, bulkActions } from '../../export/bulk.js';
import { BULK_FORMATS, type BulkFormat, bulkLines } from '../../export/bulk-lines.js';
import { readManifest } from '../../manifest/newest.js';
import { openSnapshot, type Snapshot } from '../../search/snapshot.js';
import type { Store } from '../../store/store.js';
import { formatCount } from '../format.js';
import { addIndexOptions, type IndexOptions, openIndexStore, requireManifest } from '../index-options.js';
import { columnList, wholeNumber } from '../options.js';
import { type CommandContext, printJson, type Terminal } from '../terminal.js';

interface BulkFlags extends IndexOptions {
  readonly format: BulkFormat;
  readonly since?: number;
  readonly wholeGroups?: true;
  readonly fields?: readonly string[];
  readonly out?: string;
  readonly resume?: string | true;
  readonly json?: true;
}

/** Up to where an export came: everything that decides what follows. */
interface Position {
  readonly generation: number;
  readonly since: number | null;
  readonly format: BulkFormat;
  readonly wholeGroups: boolean;
  readonly fields: readonly string[] | null;
  readonly place: BulkPlace;
  /** Length of the file, bytes; what is behind it is cut off. */
  readonly bytes: number;
}

/** Actions between two positions: a broken-off export does at most so many again. */
const BATCH_ACTIONS = 1_000;

const EXAMPLE = `
Examples:
  $ tidemark export bulk --index /tmp/index --since 41 --out changes.ndjson
  $ tidemark export bulk --index /tmp/index --format solr --whole-groups > all.ndjson
  $ tidemark export bulk --index /tmp/index --since 41 --out changes.ndjson --resume

Each batch is followed by a line "position <text>" on stderr, or by <file>.position beside --out.`;

export function addExportBulk(command: Command, context: CommandContext): void {
  addIndexOptions(
    command.command('bulk').description('adds and deletes since a generation, for OpenSearch, Elasticsearch or Solr'),
  )
    .addOption(new Option('--format <name>', 'whose bulk format').choices(BULK_FORMATS).default('opensearch'))
    .option('--since <generation>', 'what the other engine has already; everything unless told', wholeNumber(0))
    .option('--whole-groups', 'send every group that changed with all its members')
    .option('--fields <columns>', 'fields to send; all unless told', columnList)
    .option('--out <file>', 'the file to write; stdout unless told')
    .option('--resume [position]', 'go on behind a position, or with --out where the file broke off')
    .option('--json', 'with --out: print what was written as JSON')
    .addHelpText('after', EXAMPLE)
    .action((flags: BulkFlags) => exportBulk(flags, context));
}

async function exportBulk(flags: BulkFlags, context: CommandContext): Promise<void> {
  if (flags.json && flags.out === undefined) {
    throw new TidemarkError('usage', '--json stands without --out, and stdout is the export', {
      fix: 'add --out FILE',
    });
  }
  const from = flags.resume === undefined ? undefined : readPosition(flags);
  const store = await openIndexStore(flags, context.clock);
  try {
    const newest = from?.generation ?? (await requireManifest(store, context.signal)).generation;
    const now = await snapshotOf(store, newest);
    const since = from === undefined ? flags.since : (from.since ?? undefined);
    const before = since === undefined ? undefined : await snapshotOf(store, since);
    const settings = from ?? {
      generation: newest,
      since: since ?? null,
      format: flags.format,
      wholeGroups: flags.wholeGroups === true,
      fields: flags.fields ?? null,
    };
    const sink = flags.out === undefined ? streamSink(context.terminal) : fileSink(flags.out, from?.bytes ?? 0);
    try {
      const counts = await writeAll(settings, before, now, from?.place, sink, context.signal);
      if (flags.json)
        printJson(context.terminal, { file: flags.out, generation: newest, since: since ?? null, ...counts });
      else {
        const told = `${formatCount(counts.added)} added, ${formatCount(counts.deleted)} deleted, generation ${newest}`;
        context.terminal.errStream.write(`${told}\n`);
      }
    } finally {
      sink.close();
    }
  } finally {
    store.close();
  }
}

/** A generation that gc has taken cannot be compared with. */
async function snapshotOf(store: Store, generation: number): Promise<Snapshot> {
  try {
    return await openSnapshot(store, await readManifest(store, generation));
  } catch (cause) {
    if (!(cause instanceof TidemarkError) || cause.code !== 'not-found') throw cause;
    throw new TidemarkError('not-found', `generation ${generation} is not kept any more`, {
      where: { index: store.uri },
      fix: 'export everything anew (without --since), or keep generations longer (index.keep)',
      cause,
    });
  }
}

type Settings = Pick<Position, 'generation' | 'since' | 'format' | 'wholeGroups' | 'fields'>;

interface Sink {
  /** Writes a batch, then the position behind it; gives the bytes written so far. */
  write(text: string, positionAt: (bytes: number) => Position): void;
  close(): void;
}

async function writeAll(
  settings: Settings,
  since: Snapshot | undefined,
  now: Snapshot,
  after: BulkPlace | undefined,
  sink: Sink,
  signal: AbortSignal,
): Promise<{ readonly added: number; readonly deleted: number }> {
  const { generation, since: earlier, format, wholeGroups } = settings;
  const fields = settings.fields ?? undefined;
  const counts = { added: 0, deleted: 0 };
  let place: BulkPlace | undefined;
  let batch: string[] = [];
  const flush = () => {
    const done = place;
    if (batch.length === 0 || done === undefined) return;
    const known = { generation, since: earlier, format, wholeGroups, fields: fields ?? null };
    sink.write(batch.join(''), (bytes) => ({ ...known, place: done, bytes }));
    batch = [];
  };
  for await (const action of bulkActions({ since, now, wholeGroups, fields, after })) {
    signal.throwIfAborted();
    // A group has one place: it is never cut in two.
    if (batch.length >= BATCH_ACTIONS && action.place.key !== place?.key) flush();
    batch.push(bulkLines(action, format));
    place = action.place;
    if (action.kind === 'add') counts.added++;
    else counts.deleted++;
  }
  flush();
  return counts;
}

function streamSink(terminal: Terminal): Sink {
  let bytes = 0;
  return {
    write(text, positionAt) {
      terminal.out(text);
      bytes += Buffer.byteLength(text);
      terminal.errStream.write(`position ${encodePosition(positionAt(bytes))}\n`);
    },
    close: () => undefined,
  };
}

/** The file's bytes lie on the disk before the position that counts them is told. */
function fileSink(file: string, from: number): Sink {
  const handle = openSync(file, from > 0 ? 'r+' : 'w');
  ftruncateSync(handle, from);
  let bytes = from;
  return {
    write(text, positionAt) {
      const chunk = Buffer.from(text);
      for (let at = 0; at < chunk.length; ) at += writeSync(handle, chunk, at, chunk.length - at, bytes + at);
      bytes += chunk.length;
      fsyncSync(handle);
      writeFileSync(`${positionFile(file)}.new`, `${encodePosition(positionAt(bytes))}\n`);
      renameSync(`${positionFile(file)}.new`, positionFile(file));
    },
    close: () => closeSync(handle),
  };
}

const positionFile = (file: string) => `${file}.position`;

const encodePosition = (position: Position) => Buffer.from(JSON.stringify(position)).toString('base64url');

/** Of the flag's own text, or of the file beside `--out`. Other flags must not ask for another export. */
function readPosition({ resume, out, since, wholeGroups }: BulkFlags): Position | undefined {
  let text = resume === true ? undefined : resume;
  if (text === undefined) {
    if (out === undefined) {
      throw new TidemarkError('usage', '--resume stands without a position and without --out', {
        fix: 'give the last position line, or the file that broke off',
      });
    }
    // It broke off before its first batch: it begins anew.
    if (!existsSync(positionFile(out))) return undefined;
    text = readFileSync(positionFile(out), 'utf8').trim();
  }
  const position = parsePosition(text);
  const isOther = (since !== undefined && since !== position.since) || (wholeGroups === true && !position.wholeGroups);
  if (isOther) {
    throw new TidemarkError('usage', 'the position is of another export than the flags ask for', {
      fix: 'leave the flags out, or begin anew without --resume',
    });
  }
  return position;
}

function parsePosition(text: string): Position {
  try {
    const position = JSON.parse(Buffer.from(text, 'base64url').toString()) as Position;
    if (Number.isSafeInteger(position.generation) && typeof position.place.key === 'string') return position;
  } catch {
    // Told below: whatever it is, it is no position.
  }
  throw new TidemarkError('usage', 'this is no position of an export', {
    fix: 'give the text of a position line whole',
  });
}
