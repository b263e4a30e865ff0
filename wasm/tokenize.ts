// One value in, its tokens out.

import { ANALYZER_KEYWORD, ANALYZER_STANDARD } from './analyzers';
import { widthAt } from './code-points';
import { matchToken } from './match-token';
import { clearTokens, dropUnderscores, finishTokens, pushToken, tokenCount } from './token-buffer';
import { beginValue, firstWide, metFullBlock, metUnderscore, scanAscii } from './tokenize-ascii';
import { scanRuns, scanStandard } from './tokenize-unicode';

export { reserveTokens, tokenBuffer } from './token-buffer';

/**
 * Tokenizes one value of `length` bytes of valid UTF-8 at `src`, no longer than what `reserveTokens` was told; returns the
 * number of tokens. They stand at `tokenBuffer()` as pairs (u32 address, u32 byte length) of their final bytes, which
 * lie in the value itself or in the tokenizer's memory and stay until the next call. Up to 64 bytes behind the value are
 * read (never used), so memory must reach that far.
 */
export function tokenize(analyzer: u32, src: usize, length: u32): u32 {
  const end = src + length;
  clearTokens();
  if (analyzer == ANALYZER_KEYWORD) {
    pushToken(src, end);
    finishTokens();
    return 1;
  }
  beginValue(analyzer, src);
  for (let at = scanAscii(analyzer, src, end); at < end; at = scanAscii(analyzer, at, end)) {
    at = analyzer == ANALYZER_STANDARD ? scanStandard(at, firstWide, end) : scanRuns(analyzer, at, firstWide, end);
  }
  if (metFullBlock && analyzer == ANALYZER_STANDARD) return tokenizeLong(src, end);
  finishTokens();
  if (metUnderscore) dropUnderscores();
  return tokenCount();
}

/** The ASCII scanner knows no longest token: where one is in sight, the whole value goes by the table. */
function tokenizeLong(src: usize, end: usize): u32 {
  clearTokens();
  scanStandard(src, end, end);
  finishTokens();
  return tokenCount();
}

/**
 * Writes where the standard tokens of a value stand in it, as pairs (u32 begin, u32 end) of byte offsets, to `out`, which
 * has room for 4 bytes per byte of the value and 8 more; returns their number. For highlighting, and for holding the word
 * breaks against the official cases: a token that was changed no longer tells where it came from.
 */
export function wordBreaks(src: usize, length: u32, out: usize): u32 {
  const end = src + length;
  let to = out;
  for (let at = src; at < end; ) {
    const matched = matchToken(at, end);
    if (matched == at) {
      at += widthAt(at);
      continue;
    }
    store<u32>(to, <u32>(at - src));
    store<u32>(to, <u32>(matched - src), 4);
    to += 8;
    at = matched;
  }
  return <u32>((to - out) >> 3);
}
