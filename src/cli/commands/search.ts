/** `tidemark search`: one query over base and delta. */
import { type Command, InvalidArgumentError } from 'commander';
import type { NumericSort } from '../../search/collect.js';
import type { SearchOptions } from '../../search/search.js';
import { formatCount } from '../format.js';
import { formatHits } from '../hits-text.js';
import { addIndexOptions, type IndexOptions } from '../index-options.js';
import { columnList, wholeNumber } from '../options.js';
import { readIndex } from '../read-index.js';
import { type CommandContext, printJson } from '../terminal.js';

interface SearchFlags extends IndexOptions, Omit<SearchOptions, 'facets'> {
  readonly facets?: readonly string[];
  readonly count?: true;
  readonly json?: true;
}

const EXAMPLE = `
Examples:
  $ tidemark search --index /tmp/index 'react table'
  $ tidemark search --index /tmp/index '"command line" -summary:deprecated' -k 5 --fields name,downloads
  $ tidemark search --index /tmp/index 'keywords:cli' --filter 'downloads:[100000 TO *]' --sort downloads:desc

Queries: words, "phrases"~2, field:word, field:[a TO b], pre*, word^2, -word, AND OR NOT, ( ).`;

export function addSearch(command: Command, context: CommandContext): void {
  command.argument('<query>', 'what to look for');
  addIndexOptions(command)
    .option('-k <count>', 'hits wanted (default: 10)', wholeNumber(0))
    .option('--count', 'only count the matching documents, exactly')
    .option('--filter <query>', 'a query that hits must match too, without a part in their scores')
    .option('--sort <field:order>', 'a numeric field, and asc or desc', sortOrder)
    .option('--group', 'only the best hit of each group')
    .option('--members', 'with each hit all documents of its group, as of the same generation')
    .option('--fields <columns>', 'fields shown with a hit; the stored ones unless told', columnList)
    .option('--after <cursor>', 'the next page: what the page before printed, with the same query')
    .option('--facets <fields>', 'keyword fields whose values are counted over all matches', columnList)
    .option('--exact-stats', 'score by live documents alone')
    .option('--exact-total', 'an exact total beyond 1,000')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLE)
    .action((query: string, flags: SearchFlags) => runSearch(query, flags, context));
}

function sortOrder(text: string): NumericSort {
  const [, field, order = 'asc'] = /^(.+?)(?::(asc|desc))?$/.exec(text) ?? [];
  if (field === undefined) throw new InvalidArgumentError('write a field and an order, for example downloads:desc.');
  return { field, order: order === 'desc' ? 'desc' : 'asc' };
}

function runSearch(query: string, flags: SearchFlags, context: CommandContext): Promise<void> {
  const { terminal } = context;
  return readIndex(flags, context, async (index) => {
    if (flags.count) {
      const total = await index.count(query, flags.filter);
      if (flags.json) printJson(terminal, { total });
      else terminal.out(`${formatCount(total)}\n`);
      return;
    }
    const facets = (flags.facets ?? []).map((field) => ({ field }));
    const result = await index.search(query, { ...flags, facets });
    if (flags.json) printJson(terminal, result);
    else terminal.out(formatHits(result));
  });
}
