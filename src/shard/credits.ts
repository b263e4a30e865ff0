/**
 * Back-pressure by bytes: whoever holds memory for the run takes credits for it first and waits where none are left. The
 * pool's own queue counts tasks, which says nothing about memory.
 */
export class ByteCredits {
  private free: number;
  private readonly waiting: { readonly bytes: number; readonly grant: () => void }[] = [];

  constructor(private readonly limit: number) {
    this.free = limit;
  }

  /** Bytes taken by now. */
  get inFlight(): number {
    return this.limit - this.free;
  }

  /** Resolves when `bytes` are free, first come first served; more than the limit is granted when nothing else is in flight. */
  take(bytes: number): Promise<void> {
    const wanted = Math.min(bytes, this.limit);
    if (this.waiting.length === 0 && wanted <= this.free) {
      this.free -= wanted;
      return Promise.resolve();
    }
    return new Promise((grant) => this.waiting.push({ bytes: wanted, grant }));
  }

  /** Gives back what `take(bytes)` took. */
  give(bytes: number): void {
    this.free += Math.min(bytes, this.limit);
    while (this.waiting.length > 0 && this.waiting[0]!.bytes <= this.free) {
      const next = this.waiting.shift()!;
      this.free -= next.bytes;
      next.grant();
    }
  }
}
