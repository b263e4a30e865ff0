/** Why something is, or is not, visible: steps in the order in which they were decided. */
export interface Explanation {
  readonly visible: boolean;
  readonly because: readonly Step[];
}

export interface Step {
  /** What was looked at: `found`, `rank`, `superseded`, `rejected`, `partition`, .. */
  readonly step: string;
  /** In words, with names that can be looked up. */
  readonly detail: string;
}
