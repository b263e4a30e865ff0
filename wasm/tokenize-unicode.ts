// The table-driven scanners: right for every text, used where a text leaves ASCII.
//
// Both begin between two tokens and may stop between two: there the ASCII scanner takes over once non-ASCII is behind.

import { ANALYZER_WHITESPACE } from './analyzers';
import { codePointAt, entryOf, isWhitespace, widthAt } from './code-points';
import { lowerInto } from './lowercase';
import { matchToken, seenEntries } from './match-token';
import { changedEnd, pushToken, setChangedEnd } from './token-buffer';
import { HAS_LOWER_CASE, LETTER_OR_DIGIT } from './unicode-tables';

/** Scans standard tokens from `at`; returns where, from `until` on, 16 bytes of ASCII lie ahead, else `end`. */
export function scanStandard(at: usize, until: usize, end: usize): usize {
  while (at < end) {
    if (at >= until && isAscii(at)) return at;
    const matched = matchToken(at, end);
    if (matched > at) {
      emit(at, matched, seenEntries);
      at = matched;
    } else {
      at += widthAt(at);
    }
  }
  return end;
}

/** The same for `simple` and `whitespace`, whose tokens are runs of one kind of code point. */
export function scanRuns(analyzer: u32, at: usize, until: usize, end: usize): usize {
  let begin: usize = 0;
  let seen: u32 = 0;
  while (at < end) {
    if (begin == 0 && at >= until && isAscii(at)) return at;
    const width = widthAt(at);
    const codePoint = codePointAt(at, width);
    const entry = entryOf(codePoint);
    const belongs = analyzer == ANALYZER_WHITESPACE ? !isWhitespace(codePoint) : (entry & LETTER_OR_DIGIT) != 0;
    if (belongs) {
      if (begin == 0) begin = at;
      seen |= entry;
    } else if (begin != 0) {
      emit(begin, at, analyzer == ANALYZER_WHITESPACE ? 0 : seen);
      begin = 0;
      seen = 0;
    }
    at += width;
  }
  if (begin != 0) emit(begin, end, analyzer == ANALYZER_WHITESPACE ? 0 : seen);
  return end;
}

/** Whether the 16 bytes at `at` are ASCII; they may lie beyond the value, then it only costs or saves time. */
function isAscii(at: usize): bool {
  return i8x16.bitmask(v128.load(at)) == 0;
}

function emit(begin: usize, end: usize, entries: u32): void {
  if ((entries & HAS_LOWER_CASE) == 0) return pushToken(begin, end);
  const lowered = changedEnd;
  setChangedEnd(lowerInto(begin, end, lowered));
  pushToken(lowered, changedEnd);
}
