/** Boolean combinations. Scores add up in the order of the clauses, so that equal answers get equal scores everywhere. */
import type { DocId } from '../segment/layout.js';
import { NO_MORE_DOCS } from '../segment/postings.js';
import type { Occur } from './query.js';
import type { Scorer } from './scorer.js';

/** A clause with its scorer in this segment; undefined = nothing matches here. */
export interface ScoredClause {
  readonly occur: Occur;
  readonly scorer: Scorer | undefined;
}

/** Combines clauses; undefined where nothing can match. Without `must` or `filter`, one `should` has to. */
export function combine(clauses: readonly ScoredClause[]): Scorer | undefined {
  const required = clauses.filter(({ occur }) => occur === 'must' || occur === 'filter');
  if (required.some(({ scorer }) => scorer === undefined)) return undefined;
  const optional = clauses.filter(({ occur, scorer }) => occur === 'should' && scorer !== undefined);
  const matching = required.length > 0 ? conjunction(required, optional) : disjunction(optional);
  if (matching === undefined) return undefined;
  const excluded = clauses.flatMap(({ occur, scorer }) => (occur === 'not' && scorer !== undefined ? [scorer] : []));
  return excluded.length === 0 ? matching : new ExclusionScorer(matching, excluded);
}

function conjunction(required: readonly ScoredClause[], optional: readonly ScoredClause[]): Scorer {
  const scorers = required.map(({ scorer }) => scorer!);
  const scored = required.filter(({ occur }) => occur === 'must').map(({ scorer }) => scorer!);
  const added = optional.map(({ scorer }) => scorer!);
  const isAlone = scorers.length === 1 && scored.length === 1 && added.length === 0;
  return isAlone ? scorers[0]! : new ConjunctionScorer(scorers, scored, added);
}

function disjunction(optional: readonly ScoredClause[]): Scorer | undefined {
  const scorers = optional.map(({ scorer }) => scorer!);
  return scorers.length < 2 ? scorers[0] : new DisjunctionScorer(scorers);
}

/** Documents that all `required` match; `scored` ones and those `optional` ones that match add to the score. */
class ConjunctionScorer implements Scorer {
  docId: DocId = -1;
  readonly cost: number;
  readonly #lead: Scorer;
  readonly #others: readonly Scorer[];

  constructor(
    required: readonly Scorer[],
    private readonly scored: readonly Scorer[],
    private readonly optional: readonly Scorer[],
  ) {
    const [lead, ...others] = required.toSorted((a, b) => a.cost - b.cost);
    this.#lead = lead!;
    this.#others = others;
    this.cost = lead!.cost;
  }

  next(): DocId {
    return this.#align(this.#lead.next());
  }

  advance(target: DocId): DocId {
    return target <= this.docId ? this.docId : this.#align(this.#lead.advance(target));
  }

  score(): number {
    let sum = 0;
    for (const scorer of this.scored) sum += scorer.score();
    for (const scorer of this.optional) if (scorer.advance(this.docId) === this.docId) sum += scorer.score();
    return Math.fround(sum);
  }

  get maxScore(): number {
    return sumOf([...this.scored, ...this.optional], ({ maxScore }) => maxScore);
  }

  seekBound(target: DocId): DocId {
    let end = NO_MORE_DOCS;
    for (const scorer of this.scored) end = Math.min(end, scorer.seekBound(target));
    for (const scorer of this.optional) end = Math.min(end, scorer.seekBound(target));
    return end;
  }

  /** Added in the order that scores are added in, so that rounding never leads below one. */
  boundScore(): number {
    let sum = 0;
    for (const scorer of this.scored) sum += scorer.boundScore();
    for (const scorer of this.optional) sum += scorer.boundScore();
    return Math.fround(sum);
  }

  /** Moves the lead on until all others stand where it stands. */
  #align(docId: DocId): DocId {
    let candidate = docId;
    for (let i = 0; i < this.#others.length && candidate !== NO_MORE_DOCS; ) {
      const found = this.#others[i]!.advance(candidate);
      if (found === candidate) {
        i++;
      } else {
        candidate = found === NO_MORE_DOCS ? NO_MORE_DOCS : this.#lead.advance(found);
        i = 0;
      }
    }
    this.docId = candidate;
    return candidate;
  }
}

function sumOf(scorers: readonly Scorer[], value: (scorer: Scorer) => number): number {
  return Math.fround(scorers.reduce((sum, scorer) => sum + value(scorer), 0));
}

/** More than all rounding of a sum of scores in another order. */
const ROUNDING = 1 + 2 ** -20;

/**
 * Documents that at least one matches. Few clauses are usual, so the next document is found by looking at all of them.
 *
 * With a least score the clauses part in two (MaxScore: Turtle and Flood, "Query evaluation: strategies and optimizations",
 * 1995): those that cannot reach it all together lead to no document of their own, and are asked only about those that the others find.
 */
class DisjunctionScorer implements Scorer {
  docId: DocId = -1;
  readonly cost: number;
  /** Those that lead, and those that only follow. */
  #leading: readonly Scorer[];
  #following: readonly Scorer[] = [];
  #followingMax = 0;
  #min = Number.NEGATIVE_INFINITY;

  constructor(private readonly scorers: readonly Scorer[]) {
    this.cost = scorers.reduce((sum, { cost }) => sum + cost, 0);
    this.#leading = scorers;
  }

  get maxScore(): number {
    return sumOf(this.scorers, ({ maxScore }) => maxScore);
  }

  seekBound(target: DocId): DocId {
    let end = NO_MORE_DOCS;
    for (const scorer of this.scorers) end = Math.min(end, scorer.seekBound(target));
    return end;
  }

  boundScore(): number {
    return sumOf(this.scorers, (scorer) => scorer.boundScore());
  }

  setMinScore(min: number): void {
    this.#min = min;
    const [weakest] = this.#leading.toSorted((a, b) => a.maxScore - b.maxScore);
    if (this.#leading.length === 1 || (this.#followingMax + weakest!.maxScore) * ROUNDING >= min) return;
    this.#followingMax += weakest!.maxScore;
    this.#following = [...this.#following, weakest!];
    this.#leading = this.#leading.filter((scorer) => scorer !== weakest);
    this.setMinScore(min);
  }

  next(): DocId {
    return this.advance(this.docId + 1);
  }

  advance(target: DocId): DocId {
    if (target <= this.docId) return this.docId;
    let least = NO_MORE_DOCS;
    for (const scorer of this.#leading) {
      const docId = scorer.docId < target ? scorer.advance(target) : scorer.docId;
      if (docId < least) least = docId;
    }
    this.docId = least;
    return least;
  }

  score(): number {
    if (this.#following.length > 0 && !this.#follow()) return Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (const scorer of this.scorers) if (scorer.docId === this.docId) sum += scorer.score();
    return Math.fround(sum);
  }

  /** Brings those that follow to the document, unless even all of them could not lift it to the least score. */
  #follow(): boolean {
    let sum = this.#followingMax;
    for (const scorer of this.#leading) if (scorer.docId === this.docId) sum += scorer.score();
    if (sum * ROUNDING < this.#min) return false;
    for (const scorer of this.#following) scorer.advance(this.docId);
    return true;
  }
}

/** Documents that the first matches and none of the others. */
class ExclusionScorer implements Scorer {
  docId: DocId = -1;
  readonly cost: number;

  constructor(
    private readonly matching: Scorer,
    private readonly excluded: readonly Scorer[],
  ) {
    this.cost = matching.cost;
  }

  next(): DocId {
    return this.#firstAllowed(this.matching.next());
  }

  advance(target: DocId): DocId {
    return target <= this.docId ? this.docId : this.#firstAllowed(this.matching.advance(target));
  }

  score(): number {
    return this.matching.score();
  }

  get maxScore(): number {
    return this.matching.maxScore;
  }

  seekBound(target: DocId): DocId {
    return this.matching.seekBound(target);
  }

  boundScore(): number {
    return this.matching.boundScore();
  }

  setMinScore(min: number): void {
    this.matching.setMinScore?.(min);
  }

  #firstAllowed(docId: DocId): DocId {
    let candidate = docId;
    while (candidate !== NO_MORE_DOCS && this.excluded.some((scorer) => scorer.advance(candidate) === candidate)) {
      candidate = this.matching.next();
    }
    this.docId = candidate;
    return candidate;
  }
}
