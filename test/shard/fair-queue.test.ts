import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FairQueue, type LaneState, type Leave } from '#src/shard/fair-queue.js';

/** One thread, in virtual time: tasks end in the order in which they got it. */
async function serve(
  queue: FairQueue,
  backlogs: readonly { name: string; lane: LaneState; tasks: number; costUs: number }[],
) {
  const served: string[] = [];
  const running: { leave: Leave; costUs: number }[] = [];
  const all = backlogs.flatMap(({ name, lane, tasks, costUs }) =>
    Array.from({ length: tasks }, async () => {
      const leave = await queue.enter(lane);
      served.push(name);
      running.push({ leave, costUs });
    }),
  );
  for (let ended = 0; ended < all.length; ended++) {
    await new Promise((resolve) => setImmediate(resolve));
    const { leave, costUs } = running.shift()!;
    leave(costUs);
  }
  await Promise.all(all);
  return served;
}

describe('a fair queue', () => {
  it('shares a thread by weight while all lanes are busy, whatever their tasks cost', async () => {
    const queue = new FairQueue(1);
    const served = await serve(queue, [
      { name: 'content', lane: queue.lane(1), tasks: 100, costUs: 80_000 },
      { name: 'bids', lane: queue.lane(4), tasks: 1_000, costUs: 10_000 },
    ]);
    const first = served.slice(0, 330);
    const timeOf = (name: string, costUs: number) => first.filter((one) => one === name).length * costUs;
    const ratio = timeOf('bids', 10_000) / timeOf('content', 80_000);
    assert.ok(ratio > 3.5 && ratio < 4.5, `bids had ${ratio} times the thread's time of content`);
  });

  it('lets a lane that comes with little go before the queue of a busy one', async () => {
    const queue = new FairQueue(1);
    const [slow, fast] = [queue.lane(1), queue.lane(1)];
    const served: string[] = [];
    const leaves: Leave[] = [];
    const ask = async (name: string, lane: LaneState) => {
      const leave = await queue.enter(lane);
      served.push(name);
      leaves.push(leave);
    };
    const step = async () => {
      leaves.shift()?.(50_000);
      await new Promise((resolve) => setImmediate(resolve));
    };
    const asked = Array.from({ length: 20 }, () => ask('content', slow));
    for (let i = 0; i < 10; i++) await step();
    asked.push(ask('bids', fast));
    const before = served.length;
    await step();
    assert.deepEqual(served.slice(before), ['bids'], 'after the one task at work');
    for (let i = 0; i < 20; i++) await step();
    await Promise.all(asked);
  });

  it('does not let a lane save up what it did not use', async () => {
    const queue = new FairQueue(1);
    const [busy, rare] = [queue.lane(1), queue.lane(1)];
    await serve(queue, [{ name: 'busy', lane: busy, tasks: 50, costUs: 50_000 }]);
    const served = await serve(queue, [
      { name: 'busy', lane: busy, tasks: 10, costUs: 50_000 },
      { name: 'rare', lane: rare, tasks: 10, costUs: 50_000 },
    ]);
    const busyShare = served.slice(0, 10).filter((name) => name === 'busy').length;
    assert.ok(busyShare >= 3, `${served.slice(0, 10)}`);
  });

  it('goes on after tasks that failed', async () => {
    const queue = new FairQueue(1);
    const lane = queue.lane(1);
    for (let i = 0; i < 3; i++) (await queue.enter(lane))(undefined);
    assert.ok(await queue.enter(lane));
  });
});
