import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TidemarkError } from '#src/base/errors.js';
import { parseQuery } from '#src/search/parse.js';
import type { WrittenClause, WrittenQuery } from '#src/search/query.js';

/** A parsed query in one line: +must -not and bare clauses, fields in front, every text quoted. */
function show(query: WrittenQuery): string {
  const sign = { must: '+', not: '-', should: '', filter: '#' };
  const clause = ({ occur, query: inner }: WrittenClause) => sign[occur] + show(inner);
  const named = (field: string | undefined, text: string) => (field === undefined ? text : `${field}:${text}`);
  switch (query.kind) {
    case 'word':
      return named(query.field, `'${query.text}'`);
    case 'prefix':
      return named(query.field, `'${query.text}'*`);
    case 'phrase':
      return named(query.field, `"${query.text}"~${query.slop}`);
    case 'range': {
      const { lower, upper } = query;
      const open = lower.inclusive ? '[' : '{';
      return `${query.field}:${open}${lower.text ?? '*'} TO ${upper.text ?? '*'}${upper.inclusive ? ']' : '}'}`;
    }
    case 'every':
      return '*:*';
    case 'boost':
      return `${show(query.query)}^${query.boost}`;
    case 'boolean':
      return `(${query.clauses.map(clause).join(' ')})`;
  }
}

const READ: Readonly<Record<string, string>> = {
  react: `'react'`,
  'a b': `('a' 'b')`,
  'a OR b || c': `('a' 'b' 'c')`,
  'a AND b': `(+'a' +'b')`,
  'a && b && c': `(+'a' +'b' +'c')`,
  'a b AND c d': `('a' (+'b' +'c') 'd')`,
  'a OR b AND c': `('a' (+'b' +'c'))`,
  'a AND NOT b': `(+'a' -'b')`,
  '+a -b !c d': `(+'a' -'b' -'c' 'd')`,
  'NOT a': `(-'a')`,
  '-(a b)': `(-('a' 'b'))`,
  '(a OR b) AND c': `(+('a' 'b') +'c')`,
  'name:react': `name:'react'`,
  'name:(a OR b)': `(name:'a' name:'b')`,
  'at:2026-05-04T10:00:00Z': `at:'2026-05-04T10:00:00Z'`,
  'size:-5': `size:'-5'`,
  'size:[1 TO 5]': 'size:[1 TO 5]',
  'size:{* TO -5}': 'size:{* TO -5}',
  'size:[1 TO *}': 'size:[1 TO *}',
  'tags:["blue sky" TO red]': 'tags:[blue sky TO red]',
  '"a b"': '"a b"~0',
  'name:"a b"~3^2': 'name:"a b"~3^2',
  'a^2.5 (b c)^2': `('a'^2.5 ('b' 'c')^2)`,
  'pre*': `'pre'*`,
  'name:*': `name:''*`,
  '*': '*:*',
  '*:*': '*:*',
  'a\\:b \\*': `('a:b' '*')`,
  '"say \\"hi\\""': '"say "hi""~0',
  '\\AND \\+a \\🚀': `('AND' '+a' '🚀')`,
  "node.js c++ don't @types/node a-b": `('node.js' 'c++' 'don't' '@types/node' 'a-b')`,
  'a - b + c': `('a' '-' 'b' '+' 'c')`,
  'ANDROID ORACLE NOTE': `('ANDROID' 'ORACLE' 'NOTE')`,
  '': '()',
  '()': '()',
};

for (const [text, expected] of Object.entries(READ)) {
  test(`reads ${JSON.stringify(text)}`, () => assert.equal(show(parseQuery(text)), expected));
}

const REFUSED: Readonly<Record<string, readonly [character: number, message: RegExp]>> = {
  '(a b': [1, /parenthesis is not closed/],
  'a b)': [4, /closed that was never opened/],
  '"a b': [1, /quote is not closed/],
  'a AND': [3, /AND has nothing behind/],
  'a AND OR b': [3, /AND has nothing behind/],
  'OR a': [1, /OR has nothing before/],
  'AND a': [1, /AND has nothing before/],
  'a NOT': [3, /NOT has nothing behind/],
  'a*b': [2, /middle of a word/],
  'roam~1': [5, /fuzzy/],
  '"a b"~x': [7, /whole number/],
  'a^x': [3, /number was expected/],
  'size:[1 5]': [9, /TO was expected/],
  'size:[1 TO 5': [13, /not closed/],
  'size:[ TO 5]': [11, /TO was expected/],
  'name: a': [1, /no value behind/],
  ':a': [1, /no field before/],
  'a [b': [3, /stands where a word/],
  'a\\': [2, /escapes nothing/],
  '🚀 )': [3, /never opened/],
};

for (const [text, [character, message]] of Object.entries(REFUSED)) {
  test(`points at character ${character} of ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseQuery(text),
      (error) => {
        assert.ok(error instanceof TidemarkError && error.code === 'usage');
        assert.match(error.message, message);
        assert.equal(error.where.character, character);
        return true;
      },
    );
  });
}

test('deep nesting is refused before the stack ends', () => {
  assert.throws(() => parseQuery('('.repeat(100_000)), /nested/);
});
