/** Runs `work` over `items` with at most `limit` at once and yields the results in the items' order; items may take their time to come. */
export async function* mapOrdered<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const promise = work(item);
      // A failure is reported when its turn comes; until then nobody listens.
      promise.catch(() => undefined);
      running.push(promise);
      if (running.length >= limit) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    // After an early end nothing may still be at work on shared buffers.
    await Promise.allSettled(running);
  }
}
