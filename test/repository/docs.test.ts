/** Files that the documents link to are there: a lesson that points at no test is no lesson. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT, trackedFiles } from '../support/repository.js';

const LINK = /\]\(([^)\s]+)\)/g;

/** Relative links of a Markdown text, without their anchors; code is no text. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(LINK)]
    .map((match) => match[1]!)
    .filter((link) => !/^([a-z]+:|#)/.test(link))
    .map((link) => link.replace(/#.*$/, ''));
}

describe('documents', () => {
  it('link only to what is there', (context) => {
    const documents = trackedFiles()?.filter((path) => path.endsWith('.md'));
    if (documents === undefined) return context.skip('not a git checkout: which files are ours is not known');
    assert.ok(documents.includes('docs/lessons.md'));
    const broken = documents.flatMap((path) =>
      linksOf(readFileSync(join(ROOT, path), 'utf8'))
        .filter((link) => !existsSync(join(ROOT, dirname(path), link)))
        .map((link) => `${path}: ${link}`),
    );
    assert.deepEqual(broken, []);
  });

  it('hold every lesson to at least one test', () => {
    const rows = readFileSync(join(ROOT, 'docs/lessons.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(1);
    assert.equal(rows.length, 10);
    for (const row of rows) assert.match(row, /\(\.\.\/test\/[\w./-]+\.test\.ts\)/, row);
  });
});
