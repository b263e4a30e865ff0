/** How often words stand one right behind the other; `positions[i]` are those of word i, ascending. */
export function exactFreq(positions: readonly Uint32Array[]): number {
  const first = positions[0]!;
  const at = new Uint32Array(positions.length);
  let freq = 0;
  for (const start of first) {
    let word = 1;
    for (; word < positions.length; word++) {
      const own = positions[word]!;
      let i = at[word]!;
      while (i < own.length && own[i]! < start + word) i++;
      at[word] = i;
      if (i === own.length) return freq;
      if (own[i] !== start + word) break;
    }
    if (word === positions.length) freq++;
  }
  return freq;
}
