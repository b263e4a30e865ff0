/** `tidemark terms`: the terms of a field with their counts. */
import type { Command } from 'commander';
import type { TermEntry } from '../../search/terms.js';
import { formatCount, formatTable } from '../format.js';
import { addIndexOptions, type IndexOptions } from '../index-options.js';
import { readIndex } from '../read-index.js';
import { type CommandContext, printJson } from '../terminal.js';

interface TermsFlags extends IndexOptions {
  readonly all?: true;
  readonly json?: true;
}

const EXAMPLE = `
Example:
  $ tidemark terms --index /tmp/index summary react`;

export function addTerms(command: Command, context: CommandContext): void {
  command.argument('<field>', 'a text or keyword field').argument('[prefix]', 'only terms that start with this');
  addIndexOptions(command)
    .option('--all', 'count stored documents, superseded ones included')
    .option('--json', 'print the terms as JSON')
    .addHelpText('after', EXAMPLE)
    .action((field: string, prefix: string | undefined, flags: TermsFlags) => runTerms(field, prefix, flags, context));
}

function runTerms(field: string, prefix: string | undefined, flags: TermsFlags, context: CommandContext) {
  const { terminal } = context;
  return readIndex(flags, context, async (index) => {
    const terms: TermEntry[] = [];
    for await (const term of index.terms(field, prefix, { all: flags.all === true })) terms.push(term);
    if (flags.json) return printJson(terminal, { field, terms });
    const rows = terms.map(({ term, docFreq, totalTermFreq }) => [
      term,
      formatCount(docFreq),
      formatCount(totalTermFreq),
    ]);
    terminal.out(`${formatTable([['term', 'documents', 'occurrences'], ...rows], [1, 2]).join('\n')}\n`);
  });
}
