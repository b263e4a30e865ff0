/**
 * The kernel's DEFLATE encoder the slow and obvious way: bits as text, a map per table, codes by joining trees in a list. Written from
 * the format (RFC 1951) and the kernel's rules of choice, not from its code; nothing is shared with it.
 */

const CHUNK = 32_768;
const PRIME = 0x9e3779b185ebca87n;

interface Match {
  readonly at: number;
  readonly length: number;
  readonly distance: number;
}

/** A literal byte, or a repeat of what stands `distance` bytes before. */
type Token = number | Match;

/** A base value and its extra bits per symbol: RFC 1951, 3.2.5. */
type Ranges = readonly { readonly from: number; readonly extra: number }[];

function ranges(first: number, extras: readonly number[]): Ranges {
  let from = first;
  return extras.map((extra) => {
    const range = { from, extra };
    from += 1 << extra;
    return range;
  });
}

const doubled = (counts: readonly number[]) => counts.flatMap((count, extra) => new Array<number>(count).fill(extra));
const LENGTHS: Ranges = [...ranges(3, doubled([8, 4, 4, 4, 4, 4])).slice(0, 28), { from: 258, extra: 0 }];
const DISTANCES: Ranges = ranges(1, doubled([4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]));

/** The symbol whose range holds the value: the last that begins at or before it. */
const symbolOf = (all: Ranges, value: number) => all.findLastIndex(({ from }) => from <= value);

/** Low bit first, as all numbers of the format but codes. */
function numberBits(value: number, width: number): string {
  let bits = '';
  for (let i = 0; i < width; i++) bits += (value >> i) & 1;
  return bits;
}

/** Raw DEFLATE of a block; the block itself where that is not shorter. */
export function referenceDeflate(block: ArrayLike<number>): Uint8Array {
  const raw = Uint8Array.from(block);
  const lastOf = new Map<number, number>();
  let bits = '';
  for (let start = 0; start === 0 || start < raw.length; start += CHUNK) {
    const end = Math.min(raw.length, start + CHUNK);
    const tokens = tokensOf(raw, start, end, lastOf);
    bits += chunkBits(raw.subarray(start, end), tokens, end === raw.length, bits.length);
    // The position 32 KiB before the next chunk is one too far.
    for (const [hash, at] of lastOf) if (at <= end - CHUNK) lastOf.delete(hash);
  }
  const packed = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    Number.parseInt([...bits.slice(i * 8, i * 8 + 8).padEnd(8, '0')].reverse().join(''), 2),
  );
  return packed.length < raw.length ? packed : raw;
}

/** Every position but the last eight of a chunk asks a table of 4,096 hashes of five bytes for the last position before it. */
function tokensOf(raw: Uint8Array, start: number, end: number, lastOf: Map<number, number>): Token[] {
  const found = new Map<number, Match>();
  for (let at = start; at + 8 < end; at++) {
    const hash = hashOf(raw, at);
    const before = lastOf.get(hash);
    lastOf.set(hash, at);
    if (before === undefined || at - before >= CHUNK) continue;
    let length = 0;
    while (length < 258 && at + length < end && raw[at + length] === raw[before + length]) length++;
    if (length >= 5) found.set(at, { at, length, distance: at - before });
  }
  const tokens: Token[] = [];
  for (let at = start; at < end; ) {
    let match = found.get(at);
    if (match === undefined || gainOf(match) <= 0) {
      tokens.push(raw[at++]!);
      continue;
    }
    while (match.length < 32) {
      // Hits are looked at in words of 64 positions: the next word's first one is not seen from here.
      const later: Match | undefined = (match.at + 1 - start) % 64 === 0 ? undefined : found.get(match.at + 1);
      if (later === undefined || gainOf(later) <= gainOf(match)) break;
      tokens.push(raw[match.at]!);
      match = later;
    }
    tokens.push(match);
    at = match.at + match.length;
  }
  return tokens;
}

function hashOf(raw: Uint8Array, at: number): number {
  let key = 0n;
  for (let i = 4; i >= 0; i--) key = (key << 8n) | BigInt(raw[at + i]!);
  return Number(BigInt.asUintN(64, (key << 24n) * PRIME) >> 52n);
}

/** Eighths of a bit saved against literals. */
function gainOf({ length, distance }: Match): number {
  return length * 37 - distance.toString(2).length * 8 - 72;
}

function chunkBits(raw: Uint8Array, tokens: readonly Token[], last: boolean, before: number): string {
  const literals = new Array<number>(286).fill(0);
  const distances = new Array<number>(30).fill(0);
  literals[256] = 1;
  for (const token of tokens) {
    if (typeof token === 'number') literals[token]!++;
    else {
      literals[257 + symbolOf(LENGTHS, token.length)]!++;
      distances[symbolOf(DISTANCES, token.distance)]!++;
    }
  }
  const own = [codeLengths(literals, 12), codeLengths(distances, 15)] as const;
  const dynamic = headerBits(...own) + tokenBits(tokens, canonical(own[0]), canonical(own[1]));
  const nine = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));
  const fixed = tokenBits(tokens, canonical(nine), canonical(new Array<number>(32).fill(5)));
  const filling = '0'.repeat((8 - ((before + 3) % 8)) % 8);
  const sizes = numberBits(raw.length, 16) + numberBits(raw.length ^ 0xffff, 16);
  const stored = filling + sizes + [...raw].map((byte) => numberBits(byte, 8)).join('');
  const first = last ? '1' : '0';
  if (stored.length <= Math.min(fixed.length, dynamic.length)) return `${first}00${stored}`;
  return fixed.length <= dynamic.length ? `${first}10${fixed}` : `${first}01${dynamic}`;
}

function tokenBits(tokens: readonly Token[], literals: readonly string[], distances: readonly string[]): string {
  const ranged = (all: Ranges, symbol: number, value: number) =>
    numberBits(value - all[symbol]!.from, all[symbol]!.extra);
  const bits = tokens.map((token) => {
    if (typeof token === 'number') return literals[token]!;
    const length = symbolOf(LENGTHS, token.length);
    const distance = symbolOf(DISTANCES, token.distance);
    return (
      literals[257 + length]! +
      ranged(LENGTHS, length, token.length) +
      distances[distance]! +
      ranged(DISTANCES, distance, token.distance)
    );
  });
  return bits.join('') + literals[256]!;
}

/**
 * Huffman's lengths, none above `limit`. Of equal weights, a symbol goes before a joined tree, and the earlier before the later. A code of fewer
 * than two symbols is filled up with symbols 0 and 1.
 */
export function codeLengths(counts: readonly number[], limit: number): number[] {
  const used = counts.flatMap((count, symbol) => (count > 0 ? [{ count, symbol }] : []));
  for (const symbol of [0, 1]) {
    if (used.length < 2 && !used.some((leaf) => leaf.symbol === symbol)) used.push({ count: 1, symbol });
  }
  used.sort((a, b) => a.count - b.count || a.symbol - b.symbol);
  const depths = depthsOf(used.map(({ count }) => count));
  const perLength = new Array<number>(limit + 1).fill(0);
  for (const depth of depths) perLength[Math.min(depth, limit)]!++;
  // Room, in codes of the longest length: each step takes one from the limit to hang beside one from above.
  const room = () => perLength.reduce((sum, many, length) => sum + many * 2 ** (limit - length), 0);
  while (room() > 2 ** limit) {
    const from = perLength.findLastIndex((many, length) => many > 0 && length < limit);
    perLength[from]!--;
    perLength[from + 1]! += 2;
    perLength[limit]!--;
  }
  const lengths = new Array<number>(counts.length).fill(0);
  const longestFirst = perLength.flatMap((many, length) => new Array<number>(many).fill(length)).reverse();
  used.forEach(({ symbol }, i) => {
    lengths[symbol] = longestFirst[i]!;
  });
  return lengths;
}

function depthsOf(counts: readonly number[]): number[] {
  const depths = counts.map(() => 0);
  let trees = counts.map((weight, leaf) => ({ weight, made: 0, leaves: [leaf] }));
  for (let made = 1; trees.length > 1; made++) {
    trees.sort((a, b) => a.weight - b.weight || a.made - b.made || a.leaves[0]! - b.leaves[0]!);
    const [a, b] = trees as [(typeof trees)[0], (typeof trees)[0]];
    const leaves = [...a.leaves, ...b.leaves];
    for (const leaf of leaves) depths[leaf]!++;
    trees = [...trees.slice(2), { weight: a.weight + b.weight, made, leaves }];
  }
  return depths;
}

/** Codes of these lengths as text, first bit first: RFC 1951, 3.2.2. */
function canonical(lengths: readonly number[]): string[] {
  const codes = lengths.map(() => '');
  let next = 0;
  for (let length = 1; length <= 15; length++) {
    next *= 2;
    lengths.forEach((own, symbol) => {
      if (own === length) codes[symbol] = (next++).toString(2).padStart(length, '0');
    });
  }
  return codes;
}

function headerBits(literals: readonly number[], distances: readonly number[]): string {
  const trimmed = (lengths: readonly number[], least: number) =>
    lengths.slice(0, Math.max(least, lengths.findLastIndex((length) => length > 0) + 1));
  const [used, usedDistances] = [trimmed(literals, 257), trimmed(distances, 1)];
  const entries = runsOf([...used, ...usedDistances]);
  const counts = new Array<number>(19).fill(0);
  for (const { symbol } of entries) counts[symbol]!++;
  const lengths = codeLengths(counts, 7);
  const codes = canonical(lengths);
  const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
  const sent = Math.max(4, order.findLastIndex((symbol) => lengths[symbol]! > 0) + 1);
  return [
    numberBits(used.length - 257, 5) + numberBits(usedDistances.length - 1, 5) + numberBits(sent - 4, 4),
    ...order.slice(0, sent).map((symbol) => numberBits(lengths[symbol]!, 3)),
    ...entries.map(({ symbol, extra, width }) => codes[symbol]! + numberBits(extra, width)),
  ].join('');
}

/** Code lengths as symbols of the header: RFC 1951, 3.2.7. */
function runsOf(lengths: readonly number[]): { symbol: number; extra: number; width: number }[] {
  const out: { symbol: number; extra: number; width: number }[] = [];
  const plain = (symbol: number) => out.push({ symbol, extra: 0, width: 0 });
  for (let i = 0; i < lengths.length; ) {
    const length = lengths[i]!;
    let run = 1;
    while (lengths[i + run] === length) run++;
    i += run;
    if (length > 0) {
      plain(length);
      run--;
    }
    const least = length > 0 ? 3 : 11;
    while (run >= least) {
      const part = Math.min(run, length > 0 ? 6 : 138);
      out.push({ symbol: length > 0 ? 16 : 18, extra: part - least, width: length > 0 ? 2 : 7 });
      run -= part;
    }
    if (length === 0 && run >= 3) {
      out.push({ symbol: 17, extra: run - 3, width: 3 });
      run = 0;
    }
    for (; run > 0; run--) plain(length);
  }
  return out;
}
