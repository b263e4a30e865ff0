/** Reads raw DEFLATE (RFC 1951) bit by bit and tells what it is made of; for looking into an encoder's output, not for speed. */

export interface DeflateBlock {
  readonly type: 'stored' | 'fixed' | 'dynamic';
  readonly lengths: readonly number[];
  readonly distances: readonly number[];
  /** Bits of the codes; empty but for `dynamic`. */
  readonly literalBits: readonly number[];
  readonly distanceBits: readonly number[];
}

const LENGTH_EXTRA = [
  ...new Array<number>(8).fill(0),
  ...[1, 2, 3, 4, 5].flatMap((bits) => new Array<number>(4).fill(bits)),
  0,
];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

type Code = ReadonlyMap<string, number>;

/** The blocks of one stream. Fails on bits that are no such stream. */
export function readBlocks(bytes: Uint8Array): DeflateBlock[] {
  const bits = bitReader(bytes);
  const blocks: DeflateBlock[] = [];
  for (let last = false; !last; ) {
    last = bits.number(1) === 1;
    const type = bits.number(2);
    if (type === 0) blocks.push(readStored(bits));
    else if (type === 2) blocks.push(readDynamic(bits));
    else blocks.push({ ...NOTHING, type: 'fixed', ...readBody(bits, codeOf(FIXED), codeOf(new Array(32).fill(5))) });
  }
  return blocks;
}

interface BitReader {
  /** Low bit first. */
  number(width: number): number;
  symbol(code: Code): number;
  /** To the next whole byte, and over so many more. */
  align(): void;
  skip(bytes: number): void;
}

function bitReader(bytes: Uint8Array): BitReader {
  let at = 0;
  const bit = () => {
    if (at >= bytes.length * 8) throw new Error('the stream is cut off');
    return (bytes[at >> 3]! >> (at++ & 7)) & 1;
  };
  return {
    number: (width) => Array.from({ length: width }, bit).reduce((sum, one, i) => sum + (one << i), 0),
    symbol: (code) => {
      for (let prefix = `${bit()}`; prefix.length <= 15; prefix += bit()) {
        const found = code.get(prefix);
        if (found !== undefined) return found;
      }
      throw new Error('no code begins so');
    },
    align: () => {
      at = (at + 7) & ~7;
    },
    skip: (count) => {
      at += count * 8;
    },
  };
}

const NOTHING = { lengths: [], distances: [], literalBits: [], distanceBits: [] };

function readStored(bits: BitReader): DeflateBlock {
  bits.align();
  const length = bits.number(16);
  if (bits.number(16) !== (length ^ 0xffff)) throw new Error('a stored block tells two lengths');
  bits.skip(length);
  return { ...NOTHING, type: 'stored' };
}

function readBody(bits: BitReader, literals: Code, far: Code) {
  const out = { lengths: [] as number[], distances: [] as number[] };
  for (let next = bits.symbol(literals); next !== 256; next = bits.symbol(literals)) {
    if (next < 256) continue;
    const base = LENGTH_EXTRA.slice(0, next - 257).reduce((sum, extra) => sum + (1 << extra), 3);
    out.lengths.push(next === 285 ? 258 : base + bits.number(LENGTH_EXTRA[next - 257]!));
    const distance = bits.symbol(far);
    const extra = distance < 4 ? 0 : (distance - 2) >> 1;
    out.distances.push(1 + (distance < 4 ? distance : (2 + (distance & 1)) << extra) + bits.number(extra));
  }
  return out;
}

function readDynamic(bits: BitReader): DeflateBlock {
  const [literals, far, sent] = [257 + bits.number(5), 1 + bits.number(5), 4 + bits.number(4)];
  const own = new Array<number>(19).fill(0);
  for (const place of ORDER.slice(0, sent)) own[place] = bits.number(3);
  const code = codeOf(own);
  const all: number[] = [];
  while (all.length < literals + far) {
    const next = bits.symbol(code);
    if (next < 16) all.push(next);
    else if (next === 16) all.push(...new Array<number>(3 + bits.number(2)).fill(all.at(-1)!));
    else all.push(...new Array<number>(next === 17 ? 3 + bits.number(3) : 11 + bits.number(7)).fill(0));
  }
  const [literalBits, distanceBits] = [all.slice(0, literals), all.slice(literals)];
  return { type: 'dynamic', literalBits, distanceBits, ...readBody(bits, codeOf(literalBits), codeOf(distanceBits)) };
}

const FIXED = Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8));

/** Codes by their bits as text; fails where the lengths are too many for a code. */
function codeOf(lengths: readonly number[]): Code {
  const code = new Map<string, number>();
  let next = 0;
  for (let length = 1; length <= 15; length++) {
    next *= 2;
    lengths.forEach((own, symbol) => {
      if (own === length) code.set((next++).toString(2).padStart(length, '0'), symbol);
    });
    if (next > 1 << length) throw new Error('more codes than there is room for');
  }
  return code;
}
