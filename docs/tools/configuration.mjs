// Writes docs/configuration.md from the JSON Schema of tidemark.yaml; with --check only says whether it is up to date.
// Usage (after a build): node docs/tools/configuration.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from '../../dist/config/json-schema.js';

const PAGE = fileURLToPath(new URL('../configuration.md', import.meta.url));

const HEAD = `# Configuration

\`tidemark.yaml\`, key by key. This page is made from the schema that checks the file
(\`node docs/tools/configuration.mjs\`); every mistake is told with its path, its value and what would be right.

- **duration**: a number with a unit, \`500ms\`, \`30s\`, \`10m\`, \`1.5h\`, \`7d\`. **size**: \`512MiB\`, \`2GiB\`, \`1.5GB\`.
- **time**: ISO-8601 with its zone, \`2026-05-04T00:00:00Z\`.
- **place**: \`s3://bucket/prefix\`, \`file:path\` or a plain path. Credentials come from the SDK's usual chain only.
- An S3 source without an \`endpoint\` of its own uses that of the index, and its region and integrity unless it says them.
- \`source\`, \`schema\` and \`index\` describe one index; \`indexes\` is a list of such triples, each with a \`name\`.

\`\`\`yaml
source:
  uri: s3://bucket/prefix
  partition: "dt=%Y-%m-%d/hour=%H/minute=%M"
  coverage: { mode: windowed, span: 5h }
schema:
  id: package
  group: scope
  version: updated_at
  deleted: deleted
  fields:
    name: text
    summary: { type: text, analyzer: standard }
    keywords: keyword
    downloads: i64
    updated_at: timestamp
  stored: [name]
index: { uri: s3://bucket/index }
trigger: { every: 30s }
patches:                       # optional: see patches.md
  - name: counters
    source: { uri: s3://bucket/counters, coverage: { mode: windowed, span: 5h } }
    version: updated_at
    fields: { downloads: i64 }
    unknownId: wait            # or count
\`\`\`
`;

/** What a value looks like, in a word or as its words. */
function kindOf(node) {
  if (node.title !== undefined) return node.title;
  if (node.enum !== undefined) return node.enum.map((word) => `\`${word}\``).join(', ');
  if (node.const !== undefined) return `\`${node.const}\``;
  return node.type;
}

const spell = (value) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Rows of all leaves below a block; the blocks themselves are told by their section or by their keys. */
function rowsOf(node, path) {
  const block = node.properties === undefined ? node.anyOf?.find((branch) => branch.properties !== undefined) : node;
  if (block === undefined || node.title !== undefined) {
    const fallback = node.default === undefined ? '' : `\`${spell(node.default)}\``;
    const cells = [`\`${path}\``, kindOf(node), fallback, node.description ?? ''];
    return [`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('|  |', '| |')];
  }
  return Object.entries(block.properties).flatMap(([key, child]) =>
    rowsOf(child, path === '' ? key : `${path}.${key}`),
  );
}

function sectionOf([name, node]) {
  const title = `\n## ${name}\n\n${node.description}\n`;
  if (node.items !== undefined) return title;
  const block = node.properties === undefined ? node.anyOf.find((branch) => branch.properties !== undefined) : node;
  const required = (block.required ?? []).map((key) => `\`${name}.${key}\``);
  const needed = required.length === 0 ? '' : `Needed: ${required.join(', ')}.\n\n`;
  return `${title}\n${needed}| key | value | default | meaning |\n|---|---|---|---|\n${rowsOf(node, name).join('\n')}\n`;
}

const page = HEAD + Object.entries(configJsonSchema().properties).map(sectionOf).join('');
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, page);
} else if (readFileSync(PAGE, 'utf8') !== page) {
  process.stderr.write('docs/configuration.md is not what the schema says; run node docs/tools/configuration.mjs\n');
  process.exitCode = 1;
}
