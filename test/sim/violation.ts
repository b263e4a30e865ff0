/** What must always hold did not. */
export class Violation extends Error {
  constructor(
    readonly check: string,
    readonly detail: string,
  ) {
    super(`${check}: ${detail}`);
    this.name = 'Violation';
  }
}

export function must(condition: boolean, check: string, detail: () => string): asserts condition {
  if (!condition) throw new Violation(check, detail());
}
