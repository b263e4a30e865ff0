/** The characters of a query: words, quoted texts, numbers, operators. */
import { syntaxError } from './syntax-error.js';

/** Characters that end a word; a backslash makes any of them plain. */
const SPECIAL = new Set(['(', ')', '[', ']', '{', '}', '"', '^', '~']);

/** A word with what its unescaped characters say of it. */
export interface ScannedWord {
  readonly text: string;
  /** Offset in `text` of the first unescaped colon; -1 where there is none. */
  readonly colon: number;
  /** Ends in an unescaped `*`, which is not part of `text`. */
  readonly prefix: boolean;
  readonly at: number;
}

export class Scanner {
  at = 0;

  constructor(readonly query: string) {}

  get done(): boolean {
    return this.at >= this.query.length;
  }

  get char(): string {
    return this.query.charAt(this.at);
  }

  skipSpace(): void {
    while (!this.done && isSpace(this.char)) this.at++;
  }

  /** Takes a character if it stands here. */
  take(char: string): boolean {
    if (this.char !== char) return false;
    this.at++;
    return true;
  }

  /** Takes an operator that stands alone: before space, a parenthesis, a quote or the end. */
  takeOperator(...names: readonly string[]): boolean {
    for (const name of names) {
      if (!this.query.startsWith(name, this.at)) continue;
      const after = this.query.charAt(this.at + name.length);
      if (after !== '' && !isSpace(after) && after !== '(' && after !== ')' && after !== '"') continue;
      this.at += name.length;
      return true;
    }
    return false;
  }

  /** True where a word could go on: neither space nor a special character. */
  get inWord(): boolean {
    return !this.done && !isSpace(this.char) && !SPECIAL.has(this.char);
  }

  /** Reads a word up to space or a special character; with `stopAtColon` also up to an unescaped colon. */
  word(stopAtColon: boolean): ScannedWord {
    const at = this.at;
    let text = '';
    let colon = -1;
    let star = -1;
    while (this.inWord) {
      const char = this.char;
      if (star >= 0 && !(char === ':' && stopAtColon))
        throw this.error(star, 'a * stands in the middle of a word', 'end the word there, or write \\*');
      if (char === ':' && stopAtColon) {
        colon = text.length;
        break;
      }
      if (char === '*') star = this.at;
      else text += char === '\\' ? this.#escaped() : char;
      this.at++;
    }
    return { text, colon, prefix: star >= 0, at };
  }

  /** Reads a text in double quotes; the opening one stands here. */
  quoted(): string {
    const start = this.at++;
    let text = '';
    while (!this.done && this.char !== '"') {
      text += this.char === '\\' ? this.#escaped() : this.char;
      this.at++;
    }
    if (!this.take('"')) throw this.error(start, 'a quote is not closed', 'close it with "');
    return text;
  }

  /** Reads a number without sign; undefined where none stands here. */
  number(): number | undefined {
    const found = /^[0-9]+(\.[0-9]+)?/.exec(this.query.slice(this.at))?.[0];
    if (found === undefined) return undefined;
    this.at += found.length;
    return Number(found);
  }

  error(at: number, message: string, fix?: string): Error {
    return syntaxError(this.query, at, message, fix);
  }

  /** The character behind a backslash; leaves the position on it. */
  #escaped(): string {
    const code = this.query.codePointAt(this.at + 1);
    if (code === undefined) throw this.error(this.at, 'a backslash escapes nothing', 'write \\\\ for a backslash');
    const char = String.fromCodePoint(code);
    this.at += char.length;
    return char;
  }
}

export function isSpace(char: string): boolean {
  return /\s/u.test(char);
}
