// One token of the standard analyzer: the longest match of Lucene's grammar at a place, over a window of 255 UTF-16 units.

import { codePointAt, entryOf, widthAt } from './code-points';
import { CLASS_MASK, FIRST_ACCEPTING, START_STATE, STATE_ROWS } from './unicode-tables';

/**
 * Lucene's scanner holds 255 UTF-16 units from the begin of a match on and sees the end of the text behind them, so a
 * longer token is cut there and the rest matched anew. A pair of surrogates that would straddle the edge is left outside.
 */
const MAX_TOKEN_UNITS: u32 = 255;

/** All flags of the code points that the last match has looked at: at least those of the token. */
export let seenEntries: u32 = 0;

/** End of the token that begins at `begin`, or `begin` itself where none does. `begin < end`. */
export function matchToken(begin: usize, end: usize): usize {
  let at = begin;
  let matched = begin;
  let state: u32 = START_STATE;
  let units: u32 = 0;
  let seen: u32 = 0;
  while (at < end) {
    const width = widthAt(at);
    units += width == 4 ? 2 : 1;
    if (units > MAX_TOKEN_UNITS) break;
    const entry = entryOf(codePointAt(at, width));
    state = load<u8>(STATE_ROWS + ((state << 5) | (entry & CLASS_MASK)));
    if (state == 0) break;
    seen |= entry;
    at += width;
    if (state >= FIRST_ACCEPTING) matched = at;
  }
  seenEntries = seen;
  return matched;
}
