/**
 * The query language.
 *
 *   list   = chain ([OR] chain)*            clauses of one boolean query; without + at least one must match
 *   chain  = clause (AND clause)*           AND binds tighter than OR and than standing side by side
 *   clause = ('+' | '-' | '!' | NOT)? atom  + must match, - must not; where all are -, it is everything minus them
 *   atom   = '(' list ')' | [field:] ( word | prefix* | "phrase"[~slop] | [a TO b] | {a TO b} | '(' list ')' ) then [^boost]
 *
 * A backslash makes the next character plain. `*` alone is everything, `field:*` every document that has the field.
 */
import type { Occur, WrittenBound, WrittenClause, WrittenQuery } from './query.js';
import { isSpace, Scanner } from './scan.js';

/** Parentheses within parentheses: far beyond what is written by hand, far below the stack. */
const MAX_DEPTH = 100;

/** Parses a query; fails with code `usage`, pointing at the character. An empty query matches nothing. */
export function parseQuery(text: string): WrittenQuery {
  const parser = new Parser(text);
  const query = parser.list(undefined, 0);
  if (!parser.scan.done)
    throw parser.scan.error(parser.scan.at, 'a parenthesis is closed that was never opened', 'write \\)');
  return query;
}

class Parser {
  readonly scan: Scanner;

  constructor(text: string) {
    this.scan = new Scanner(text);
  }

  list(field: string | undefined, depth: number): WrittenQuery {
    const { scan } = this;
    const at = scan.at;
    if (depth > MAX_DEPTH) throw scan.error(at, `parentheses are nested more than ${MAX_DEPTH} deep`);
    const clauses: WrittenClause[] = [];
    for (;;) {
      scan.skipSpace();
      if (scan.done || scan.char === ')') break;
      const operatorAt = scan.at;
      const joined = scan.takeOperator('OR', '||');
      if (joined && clauses.length === 0)
        throw scan.error(operatorAt, 'OR has nothing before it', 'write \\OR for the word');
      if (joined) this.#expectClause(operatorAt, 'OR');
      clauses.push(this.#chain(field, depth));
    }
    const only = clauses[0];
    return clauses.length === 1 && only!.occur === 'should' ? only!.query : { kind: 'boolean', clauses, at };
  }

  #chain(field: string | undefined, depth: number): WrittenClause {
    const { scan } = this;
    const at = scan.at;
    if (scan.takeOperator('AND', '&&')) throw scan.error(at, 'AND has nothing before it', 'write \\AND for the word');
    const clauses = [this.#clause(field, depth)];
    for (;;) {
      scan.skipSpace();
      const operatorAt = scan.at;
      if (!scan.takeOperator('AND', '&&')) break;
      this.#expectClause(operatorAt, 'AND');
      clauses.push(this.#clause(field, depth));
    }
    if (clauses.length === 1) return clauses[0]!;
    const all = clauses.map(({ occur, query }) => ({ occur: occur === 'not' ? occur : ('must' as const), query }));
    return { occur: 'should', query: { kind: 'boolean', clauses: all, at } };
  }

  #clause(field: string | undefined, depth: number): WrittenClause {
    const { scan } = this;
    let occur: Occur = 'should';
    const at = scan.at;
    if (scan.takeOperator('NOT')) {
      this.#expectClause(at, 'NOT');
      occur = 'not';
    } else if ('+-!'.includes(scan.char) && this.#touchesClause()) {
      occur = scan.char === '+' ? 'must' : 'not';
      scan.at++;
    }
    return { occur, query: this.#boosted(this.#atom(field, depth), at) };
  }

  /** A sign that stands alone is punctuation of a text, no operator. */
  #touchesClause(): boolean {
    const next = this.scan.query.charAt(this.scan.at + 1);
    return next !== '' && !isSpace(next) && next !== ')';
  }

  #expectClause(operatorAt: number, name: string): void {
    const { scan } = this;
    scan.skipSpace();
    const at = scan.at;
    const another = scan.takeOperator('AND', 'OR', '&&', '||');
    scan.at = at;
    if (!another && !scan.done && scan.char !== ')') return;
    throw scan.error(operatorAt, `${name} has nothing behind it`, `write \\${name} for the word`);
  }

  /** `at` = where errors of a field's value point: at the field's name. */
  #atom(field: string | undefined, depth: number, at = this.scan.at): WrittenQuery {
    const { scan } = this;
    if (scan.char === '(') return this.#group(field, depth);
    if (scan.char === '"') return this.#phrase(field, at);
    if ((scan.char === '[' || scan.char === '{') && field !== undefined) return this.#range(field, at);
    if (!scan.inWord) throw scan.error(at, `${scan.char} stands where a word was expected`, `write \\${scan.char}`);
    const word = scan.word(field === undefined);
    if (word.colon < 0) return this.#word(field, word.text, word.prefix, at);
    if (word.text === '' && !word.prefix) throw scan.error(at, 'a colon has no field before it', 'write \\:');
    return this.#fieldValue(word.text, word.prefix, at, depth);
  }

  /** What stands behind `field:`; the colon stands here. */
  #fieldValue(name: string, star: boolean, at: number, depth: number): WrittenQuery {
    const { scan } = this;
    scan.at++;
    if (star) {
      if (name === '' && scan.take('*')) return { kind: 'every', at };
      throw scan.error(at, 'a field name holds a *', 'name the field, or write \\*');
    }
    if (scan.done || isSpace(scan.char) || scan.char === ')') {
      throw scan.error(
        at,
        `field ${name} has no value behind its colon`,
        'write the value right behind it, or \\: for a colon',
      );
    }
    return this.#atom(name, depth, at);
  }

  #word(field: string | undefined, text: string, prefix: boolean, at: number): WrittenQuery {
    if (this.scan.char === '~')
      throw this.scan.error(this.scan.at, 'fuzzy words are not supported', 'write \\~ for the character');
    if (!prefix) return { kind: 'word', field, text, at };
    return text === '' && field === undefined ? { kind: 'every', at } : { kind: 'prefix', field, text, at };
  }

  #group(field: string | undefined, depth: number): WrittenQuery {
    const { scan } = this;
    const at = scan.at++;
    const query = this.list(field, depth + 1);
    if (!scan.take(')')) throw scan.error(at, 'a parenthesis is not closed', 'close it with )');
    return query;
  }

  #phrase(field: string | undefined, at: number): WrittenQuery {
    const { scan } = this;
    const text = scan.quoted();
    let slop = 0;
    if (scan.take('~')) {
      const given = scan.number();
      if (given === undefined || !Number.isInteger(given)) {
        throw scan.error(scan.at, 'a whole number of positions was expected behind ~', 'write for example "a b"~2');
      }
      slop = given;
    }
    return { kind: 'phrase', field, text, slop, at };
  }

  #range(field: string, at: number): WrittenQuery {
    const { scan } = this;
    const lowerInclusive = scan.char === '[';
    scan.at++;
    const lower = this.#bound(lowerInclusive);
    scan.skipSpace();
    if (!scan.takeOperator('TO')) throw scan.error(scan.at, 'TO was expected in a range', 'write for example [1 TO 5]');
    const upper = this.#bound(true);
    scan.skipSpace();
    const close = scan.char;
    if (close !== ']' && close !== '}') throw scan.error(scan.at, 'a range is not closed', 'close it with ] or }');
    scan.at++;
    return { kind: 'range', field, lower, upper: { ...upper, inclusive: close === ']' }, at };
  }

  #bound(inclusive: boolean): WrittenBound {
    const { scan } = this;
    scan.skipSpace();
    if (scan.char === '"') return { text: scan.quoted(), inclusive };
    const at = scan.at;
    const { text, prefix } = scan.word(false);
    if (prefix && text !== '') throw scan.error(at, 'a bound of a range ends in a *', 'write * alone for an open end');
    if (text === '' && !prefix) throw scan.error(at, 'a bound of a range is missing', 'write * for an open end');
    return { text: prefix ? undefined : text, inclusive };
  }

  #boosted(query: WrittenQuery, at: number): WrittenQuery {
    const { scan } = this;
    if (!scan.take('^')) return query;
    const boost = scan.number();
    if (boost === undefined) throw scan.error(scan.at, 'a number was expected behind ^', 'write for example word^2');
    return { kind: 'boost', query, boost, at };
  }
}
