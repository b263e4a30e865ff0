/** Did all programs do the same work? */

import type { Measured } from './campaign.js';
import { titleOf } from './campaign.js';
import { referenceOf } from './programs.js';

/** Something that has to hold; `problem` says how it does not. */
export interface Check {
  readonly name: string;
  readonly problem?: string;
}

/** The bound has to be a bound: less than this over Tantivy, and a ratio to it means nothing. */
const BOUND_OVER_TANTIVY = 8;

/** One check for each variant: it ran to its end, and counts what the reference of its analyzer counts. */
export function checkWork(measured: readonly Measured[]): Check[] {
  return measured.map((variant) => {
    const problem = variant.failure ?? differences(variant, referenceFor(variant, measured));
    return { name: titleOf(variant), ...(problem === undefined ? {} : { problem }) };
  });
}

/** Any variant of the reference program over the same documents will do: their counts are checked against each other. */
function referenceFor(variant: Measured, measured: readonly Measured[]): Measured | undefined {
  const name = referenceOf(variant.program);
  const all = measured.filter(({ program, reports }) => program.name === name && reports.length > 0);
  return all.find(({ reports }) => reports[0]!.docs === variant.reports[0]?.docs) ?? all[0];
}

/** Programs that index fewer documents can't be compared; what a program does not tell is not compared. */
function differences({ reports }: Measured, reference: Measured | undefined): string | undefined {
  const [own] = reports;
  const [other] = reference?.reports ?? [];
  if (own === undefined) return 'it told nothing';
  if (other === undefined || own.docs < other.docs) return undefined;
  const found: string[] = [];
  const compare = (what: string, a: number | undefined, b: number | undefined) => {
    if (a !== undefined && b !== undefined && a !== b) found.push(`${what}: ${a} instead of ${b}`);
  };
  compare('documents', own.docs, other.docs);
  for (const field of Object.keys(other.tokens)) {
    compare(`tokens of ${field}`, own.tokens[field], other.tokens[field]);
    compare(`terms of ${field}`, own.terms[field], other.terms[field]);
    for (const [word, docFreq] of Object.entries(other.docFreq[field] ?? {})) {
      compare(`documents with ${word} in ${field}`, own.docFreq[field]?.[word], docFreq);
    }
  }
  return found.length === 0 ? undefined : `differs from ${reference!.program.name}: ${found.join(', ')}`;
}

/** What the ratio of the bound to Tantivy says of the bound, by the medians of a number of threads. */
export function boundVerdict(threads: number, boundMs: number, tantivyMs: number): string {
  const ratio = tantivyMs / boundMs;
  const said = `on ${threads} thread${threads === 1 ? '' : 's'} the bound is ${ratio.toFixed(1)} times as fast as Tantivy`;
  return ratio >= BOUND_OVER_TANTIVY
    ? `${said}: it counts as a bound (${BOUND_OVER_TANTIVY} is asked)`
    : `${said}: below ${BOUND_OVER_TANTIVY}, so the ratio to it is VOID`;
}
