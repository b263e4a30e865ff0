/**
 * Sloppy phrases as Lucene counts them.
 *
 * A word's shifted position is its position less its place in the phrase: for an exact phrase all are equal. The words'
 * positions are walked together, always moving the word that lags; the spread between the least and the largest
 * shifted position is the length of a match. A spread of up to `slop` counts 1 / (1 + spread). So slop is the number of
 * positions that words are moved in all: `"b a"` against the text `a b` is a spread of 2.
 *
 * A word that the phrase asks for twice must be found at two positions: its places never stand on the same one.
 */

interface Place {
  /** Place in the phrase. */
  readonly offset: number;
  readonly positions: Uint32Array;
  index: number;
  /** Shifted. */
  position: number;
  /** All places of the same word in the phrase's order; empty where there is but one. */
  repeats: readonly Place[];
}

/** Sum of the matches' counts in one document; `sameWord[i]` = the first place that asks for word i. */
export function sloppyFreq(positions: readonly Uint32Array[], sameWord: readonly number[], slop: number): number {
  const places: Place[] = positions.map((own, offset) => {
    return { offset, positions: own, index: 0, position: own[0]! - offset, repeats: [] };
  });
  for (const place of places) {
    const same = places.filter(({ offset }) => sameWord[offset] === sameWord[place.offset]);
    if (same.length > 1) place.repeats = same;
  }
  return spreadRepeats(places) ? countMatches(places, slop) : 0;
}

/** Places of one word start on different positions: the second on the second, and so on. */
function spreadRepeats(places: readonly Place[]): boolean {
  for (const { offset, repeats } of places) {
    if (repeats[0]?.offset !== offset) continue;
    for (let i = 1; i < repeats.length; i++) {
      for (let step = 0; step < i; step++) if (!move(repeats[i]!)) return false;
    }
  }
  return true;
}

function countMatches(places: readonly Place[], slop: number): number {
  let freq = 0;
  let end = Math.max(...places.map(({ position }) => position));
  const advance = (place: Place) => {
    if (!move(place)) return false;
    end = Math.max(end, place.position);
    return true;
  };
  const count = (spread: number) => {
    if (spread <= slop) freq = Math.fround(freq + Math.fround(1 / (1 + spread)));
  };
  let lagging = leastOf(places);
  let next = leastOf(places, lagging).position;
  let spread = end - lagging.position;
  while (advance(lagging)) {
    if (!resolveCollisions(lagging, advance)) break;
    if (lagging.position > next) {
      count(spread);
      lagging = leastOf(places);
      next = leastOf(places, lagging).position;
      spread = end - lagging.position;
    } else {
      spread = Math.min(spread, end - lagging.position);
    }
  }
  count(spread);
  return freq;
}

/** Moves a place to its next position; false where there is none. */
function move(place: Place): boolean {
  if (place.index + 1 >= place.positions.length) return false;
  place.index++;
  place.position = place.positions[place.index]! - place.offset;
  return true;
}

/** The place with the least shifted position, the earlier one among equals. */
function leastOf(places: readonly Place[], but?: Place): Place {
  let least: Place | undefined;
  for (const place of places) {
    if (place !== but && (least === undefined || place.position < least.position)) least = place;
  }
  return least!;
}

/** While a place stands on the very position of another of its word, the lesser of the two moves on. */
function resolveCollisions(moved: Place, advance: (place: Place) => boolean): boolean {
  let place = moved;
  for (;;) {
    const own = place.position + place.offset;
    const other = place.repeats.find(
      (candidate) => candidate !== place && candidate.position + candidate.offset === own,
    );
    if (other === undefined) return true;
    const isLess =
      place.position < other.position || (place.position === other.position && place.offset < other.offset);
    place = isLess ? place : other;
    if (!advance(place)) return false;
  }
}
