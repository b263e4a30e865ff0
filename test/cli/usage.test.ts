/** Wrong words: exit code 2 and what would be right; never a stack trace. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { tidemark } from '../support/cli.js';

const root = mkdtempSync(join(tmpdir(), 'tidemark-usage-'));
after(() => rmSync(root, { recursive: true, force: true }));

const yaml = join(root, 'tidemark.yaml');
writeFileSync(yaml, 'source: { uri: in }\nschema: { id: package, replace: everything }\nindex: { uri: out }\n');

const COMMANDS = ['demo', 'run', 'build', 'search', 'terms', 'inspect', 'check', 'gen'];

describe('wrong words', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown option', ['build', '--sauce', 'x'], /unknown option '--sauce'[\s\S]+Did you mean --source/],
    ['an unknown command', ['serach'], /unknown command 'serach'[\s\S]+Did you mean search/],
    ['a missing option', ['search', 'react'], /required option '--index <uri>'/],
    ['missing flags', ['build', '--source', 'x'], /^error: --index and --id are missing; name source, index and id/],
    ['a bad value', ['search', '--index', 'x', '-k', 'many', 'react'], /'many'.+whole number of at least 0/],
    ['a bad time', ['build', '--until', 'noon'], /'noon'.+2026-05-04T01:30:00Z/],
    [
      'a bad value of the configuration, named by its flag',
      ['build', '--source', 'x', '--index', 'y', '--id', 'z', '--coverage', 'some'],
      /--coverage.+'some'/,
    ],
    ['a configuration that is not there', ['run', '-c', join(root, 'none.yaml')], /none\.yaml cannot be read/],
    ['a mistake in the configuration, named by its path', ['run', '-c', yaml], /schema\.replace.+'everything'/],
    ['options that exclude each other', ['run', '-c', yaml, '--strict'], /--strict stands without --once/],
    ['neither a file nor an index', ['inspect'], /either a file or --index/],
  ];
  for (const [name, words, message] of cases) {
    it(`answers ${name} with exit code 2 and what would be right`, async () => {
      const { code, stdout, stderr } = await tidemark(...words);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n {4}at /);
    });
  }

  it('says where there is no index', async () => {
    const { code, stderr } = await tidemark('search', '--index', join(root, 'nowhere'), 'react');
    assert.equal(code, 1);
    assert.match(stderr, /^error: there is no index here/);
  });
});

describe('help', () => {
  it('lists every command, and shows an example of each', async () => {
    const { code, stdout } = await tidemark('--help');
    assert.equal(code, 0);
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^ {2}${command}\\b`, 'm'));
    const texts = await Promise.all(COMMANDS.map((command) => tidemark(command, '--help')));
    for (const [i, help] of texts.entries()) {
      assert.equal(help.code, 0);
      assert.match(help.stdout, new RegExp(`Examples?:\\n +\\$ tidemark ${COMMANDS[i]}`));
      assert.match(help.stdout, /--json/);
    }
  });

  it('prints the version of the package', async () => {
    const { code, stdout } = await tidemark('--version');
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });
});
