/**
 * The partition template: how a time is spelled as a folder, `dt=%Y-%m-%d/hour=%H/minute=%M`.
 *
 * A strftime subset in UTC, every directive of fixed width and zero-padded:
 *
 * | directive | means                     | digits |
 * |-----------|---------------------------|--------|
 * | %Y        | year                      | 4      |
 * | %m %d     | month, day of the month   | 2      |
 * | %j        | day of the year           | 3      |
 * | %H %M %S  | hour (00-23), minute, second | 2   |
 * | %s        | seconds since 1970        | 10     |
 * | %%        | a percent sign            |        |
 *
 * %s has ten digits from 2001-09-09 to 2286-11-20; the fixed width is what lets its text order be its time order.
 * A directive may stand twice (`year=%Y/dt=%Y-%m-%d`): all of them must then agree.
 */
import { TidemarkError } from '../base/errors.js';

/** A directive's letter. */
export type Unit = 'Y' | 'm' | 'd' | 'j' | 'H' | 'M' | 'S' | 's';

/** What a time is cut to: the length of one slot. */
export type SlotUnit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

/** A literal text or one directive. */
export type Token =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'unit'; readonly unit: Unit };

/** One folder level. */
export interface TemplateLevel {
  readonly tokens: readonly Token[];
  /** The level's own spelling, for messages. */
  readonly text: string;
  /** What is known once this level and all above it are; undefined before the year is. Only right in an ordered template. */
  readonly slot: SlotUnit | undefined;
}

export interface PartitionTemplate {
  readonly text: string;
  readonly levels: readonly TemplateLevel[];
  /** Length of one slot, from the finest directive. */
  readonly slot: SlotUnit;
  /** Whether the byte order of partition prefixes is the order of their times: what makes a short listing possible. */
  readonly ordered: boolean;
}

/** Digits per directive. */
export const UNIT_WIDTH: Readonly<Record<Unit, number>> = { Y: 4, m: 2, d: 2, j: 3, H: 2, M: 2, S: 2, s: 10 };

/** Slot units from coarse to fine; a slot's index is its rank. */
const SLOTS: readonly SlotUnit[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];

const UNIT_RANK: Readonly<Record<Unit, number>> = { Y: 0, m: 1, d: 2, j: 2, H: 3, M: 4, S: 5, s: 5 };

/** What each directive cannot do without. */
const NEEDS: Readonly<Record<Unit, readonly Unit[]>> = {
  Y: [],
  m: ['Y'],
  d: ['Y', 'm'],
  j: ['Y'],
  H: ['Y'],
  M: ['Y', 'H'],
  S: ['Y', 'H', 'M'],
  s: [],
};

const EXAMPLE = 'dt=%Y-%m-%d/hour=%H/minute=%M';

/** Compiles a template; fails with code `config`, naming the position (from 1) and what would be right. */
export function compileTemplate(text: string): PartitionTemplate {
  const parts = splitLevels(text);
  const levelTokens = parts.map((part) => tokenize(part.text, part.position, text));
  const units = levelTokens.flat().flatMap((token) => (token.kind === 'unit' ? [token.unit] : []));
  requireWholeTime(text, units);
  const order = new TimeOrder();
  const levels = levelTokens.map((tokens, index): TemplateLevel => {
    for (const token of tokens) if (token.kind === 'unit') order.add(token.unit);
    return { tokens, text: parts[index]!.text, slot: SLOTS[order.rank] };
  });
  const slot = SLOTS[Math.max(...units.map((unit) => UNIT_RANK[unit]))]!;
  return { text, levels, slot, ordered: order.ordered };
}

/**
 * Follows the directives from left to right: text order is time order as long as each new one is the next finer unit,
 * or is already decided by what stands before it.
 */
class TimeOrder {
  /** Rank of the finest unit known so far. */
  rank = -1;
  ordered = true;

  add(unit: Unit): void {
    const rank = UNIT_RANK[unit];
    if (rank <= this.rank) return; // decided already: constant under this prefix
    const isNext = rank === this.rank + 1 || unit === 's' || (unit === 'j' && this.rank === 0);
    if (isNext) this.rank = rank;
    else this.ordered = false;
  }
}

function splitLevels(text: string): { text: string; position: number }[] {
  let position = 1;
  return text.split('/').map((part) => {
    const start = position;
    position += part.length + 1;
    if (part === '')
      throw bad(
        text,
        start,
        'an empty folder name stands',
        `write it without a leading, trailing or double slash, for example ${EXAMPLE}`,
      );
    if (part.startsWith('.') || part.startsWith('_')) {
      throw bad(
        text,
        start,
        `a folder name starts with "${part[0]}"`,
        'such names are ignored in a source; name the folder itself, for example dt=%Y-%m-%d',
      );
    }
    return { text: part, position: start };
  });
}

function tokenize(part: string, position: number, whole: string): Token[] {
  const tokens: Token[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') tokens.push({ kind: 'literal', text: literal });
    literal = '';
  };
  for (let i = 0; i < part.length; i++) {
    if (part[i] !== '%') {
      literal += part[i];
      continue;
    }
    const letter = part[++i];
    if (letter === '%') {
      literal += '%';
    } else if (letter !== undefined && Object.hasOwn(UNIT_WIDTH, letter)) {
      flush();
      tokens.push({ kind: 'unit', unit: letter as Unit });
    } else {
      const found = letter === undefined ? 'a lone % stands' : `%${letter} is no directive`;
      throw bad(whole, position + i - 1, found, 'use %Y %m %d %j %H %M %S %s, or %% for a percent sign');
    }
  }
  flush();
  return tokens;
}

/** Every unit down to the finest must be there, or the time cannot be told. */
function requireWholeTime(text: string, units: readonly Unit[]): void {
  if (units.length === 0) throw bad(text, 1, 'no directive stands', `name the time, for example ${EXAMPLE}`);
  if (units.includes('s')) return;
  const hasDay = units.includes('j') || (units.includes('m') && units.includes('d'));
  for (const unit of units) {
    const missing: string[] = NEEDS[unit].filter((needed) => !units.includes(needed)).map((needed) => `%${needed}`);
    if (UNIT_RANK[unit] > UNIT_RANK.d && !hasDay) missing.push('%d');
    if (missing.length > 0) {
      const position = text.indexOf(`%${unit}`) + 1;
      throw bad(
        text,
        position,
        `%${unit} stands without ${missing.join(' and ')}`,
        `name every unit above it, for example ${EXAMPLE}`,
      );
    }
  }
}

function bad(text: string, position: number, what: string, fix: string): TidemarkError {
  return new TidemarkError('config', `partition template "${text}": ${what} at position ${position}`, { fix });
}
