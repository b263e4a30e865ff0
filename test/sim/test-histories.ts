/** The histories that `npm test` plays, and what it prints of them. */
import { FAULTS, type Fault, faultTable } from './faults.js';
import { failureText, type Played, playMany } from './play-many.js';

/** How often each fault has to fire in a thousand histories: in the two thousand it is fifty times. */
export const LEAST_FIRED = 25;

export interface SeedsPlayed extends Omit<Played, 'failures'> {
  /** As text, with the command that plays each again. */
  readonly failures: readonly string[];
  readonly tooRare: readonly Fault[];
}

/** Plays a range of seeds; ends early with three failures. */
export async function playSeeds(first: number, histories: number): Promise<SeedsPlayed> {
  const played = await playMany({ first, histories, maxFailures: 3 });
  const failures = played.failures.map(failureText);
  console.log(faultTable(played.counts));
  console.log(`seeds ${first} to ${first + histories - 1}: ${played.generations} generations`);
  const tooRare = (Object.keys(FAULTS) as Fault[]).filter((fault) => (played.counts.get(fault) ?? 0) < LEAST_FIRED);
  return { ...played, failures, tooRare };
}
