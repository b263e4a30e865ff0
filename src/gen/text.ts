/** Sentences of vocabulary words, written straight into a column. */
import type { BytesBuilder } from './columns.js';
import type { WordCounts } from './options.js';
import { normal, type Random } from './random.js';
import type { Vocabulary } from './vocabulary.js';
import type { RankSampler } from './zipf.js';

/** Share of gaps between words that hold a comma, end a sentence, or hold a dash. */
const COMMA = 0.06;
const FULL_STOP = 0.06;
const DASH = 0.006;
/** No text is longer, whatever the distribution says: some 0.7 MB. */
const MAX_WORDS = 100_000;
const [SPACE, PERIOD, COMMA_SIGN, HYPHEN] = [0x20, 0x2e, 0x2c, 0x2d];
const CASE_BIT = 0x20;
const MAX_GAP_BYTES = 3;

/** What all texts are made of, and what was used of it. */
export interface TextSource {
  readonly vocabulary: Vocabulary;
  readonly sampler: RankSampler;
  /** By rank: 1 once the word has occurred. */
  readonly used: Uint8Array;
}

/** Words of one text; at least one. */
export function drawWordCount(random: Random, { mean, spread }: WordCounts): number {
  // The mean of a log-normal lies spread^2 / 2 above its median.
  const words = Math.round(mean * Math.exp(spread * normal(random) - spread ** 2 / 2));
  return Math.min(Math.max(words, 1), MAX_WORDS);
}

/** Adds a text of this many words, in sentences, as the next row; gives its tokens under the `standard` analyzer. */
export function addText(out: BytesBuilder, count: number, random: Random, source: TextSource): number {
  let tokens = 0;
  let startsSentence = true;
  for (let i = 0; i < count; i++) {
    const rank = source.sampler.at(random.next(), random.next());
    source.used[rank] = 1;
    tokens += source.vocabulary.tokens[rank]!;
    const start = out.length;
    appendWord(out, source.vocabulary, rank);
    if (startsSentence) capitalize(out.data, start);
    startsSentence = i + 1 < count && appendGap(out, random.next());
  }
  out.endRow();
  return tokens;
}

/** Adds a word's bytes to the row under way. */
export function appendWord(out: BytesBuilder, { data, offsets }: Vocabulary, rank: number): void {
  const start = offsets[rank]!;
  const end = offsets[rank + 1]!;
  out.reserve(end - start);
  // Words are short: a loop beats the call of a copy.
  const target = out.data;
  let at = out.length;
  for (let from = start; from < end; from++) target[at++] = data[from]!;
  out.length = at;
}

/** What stands between two words; true where a sentence ends. */
function appendGap(out: BytesBuilder, draw: number): boolean {
  out.reserve(MAX_GAP_BYTES);
  if (draw < COMMA) out.data[out.length++] = COMMA_SIGN;
  else if (draw < COMMA + FULL_STOP) out.data[out.length++] = PERIOD;
  else if (draw < COMMA + FULL_STOP + DASH) {
    out.data[out.length++] = SPACE;
    out.data[out.length++] = HYPHEN;
  }
  out.data[out.length++] = SPACE;
  return draw >= COMMA && draw < COMMA + FULL_STOP;
}

/** ASCII letters only: analyzers fold them back, so that a capital makes no new term. */
function capitalize(bytes: Uint8Array, at: number): void {
  const byte = bytes[at]!;
  if (byte >= 0x61 && byte <= 0x7a) bytes[at] = byte - CASE_BIT;
}
