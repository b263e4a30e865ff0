/** What watchdog and daemon decide by, without processes: those are in `e2e/watchdog`. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '#src/base/time.js';
import { Backoff } from '#src/daemon/backoff.js';
import { Drain } from '#src/daemon/drain.js';
import { handOn, takeOver } from '#src/daemon/handover.js';
import { stopSignals } from '#src/daemon/stop-signals.js';
import { VitalSigns } from '#src/daemon/vital-signs.js';
import { FakeClock } from '../support/fake-clock.js';

describe('back-off', () => {
  it('doubles up to a minute and begins anew after a process that lived', () => {
    const backoff = new Backoff();
    const waits = Array.from({ length: 11 }, () => backoff.next(100));
    assert.deepEqual(waits, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000]);
    assert.equal(backoff.next(60_000), 200);
    assert.equal(backoff.crashes, 1);
  });
});

describe('vital signs', () => {
  const bounds = { startMs: 1_000, stallMs: 500, hangMs: 5_000 };
  const pulse = (progress: number, phase: 'idle' | 'merge') => [{ index: 'ads', tick: 7, phase, progress }];

  it('are bad without a heartbeat, and tell where it was last seen', () => {
    const signs = new VitalSigns(bounds, 0, true);
    signs.ready();
    signs.beat(pulse(1, 'merge'), 100);
    assert.equal(signs.defect(600), undefined);
    assert.equal(signs.defect(601), 'no heartbeat for 1 s, last seen ads in merge of tick 7');
  });

  it('are bad where a phase gets nowhere while the event loop lives, and good while it gets on or idles', () => {
    const signs = new VitalSigns(bounds, 0, true);
    signs.ready();
    for (let at = 100; at <= 5_100; at += 100) signs.beat(pulse(1, 'merge'), at);
    assert.equal(signs.defect(5_100), undefined);
    signs.beat(pulse(1, 'merge'), 5_200);
    assert.equal(signs.defect(5_200), 'index ads stands still in phase merge of tick 7 for 5 s');
    signs.beat(pulse(2, 'merge'), 5_300);
    assert.equal(signs.defect(5_300), undefined);
    for (let at = 5_400; at <= 60_000; at += 100) signs.beat(pulse(3, 'idle'), at);
    assert.equal(signs.defect(60_000), undefined);
  });

  it('are bad where a daemon never gets ready; other programs need not say anything', () => {
    assert.match(new VitalSigns(bounds, 0, true).defect(1_001) ?? '', /not ready/);
    assert.equal(new VitalSigns(bounds, 0, false).defect(100_000), undefined);
  });
});

describe('draining', () => {
  it('lets an index leave once no run of any is at work, or when patience is over', () => {
    const clock = new FakeClock(0);
    const leave = new AbortController();
    const drain = new Drain(leave.signal, 1_000, clock);
    drain.begin('content');
    assert.equal(drain.mayLeave, false, 'nobody asked');
    leave.abort();
    assert.equal(drain.mayLeave, false, 'content is at work: bids go on');
    clock.advance(999);
    assert.equal(drain.mayLeave, false);
    clock.advance(1);
    assert.equal(drain.mayLeave, true, 'patience is over');
  });

  it('calls those who wait when a run ends', () => {
    const leave = new AbortController();
    const drain = new Drain(leave.signal, 1_000, new FakeClock(0));
    let calls = 0;
    drain.begin('content');
    const forget = drain.onChange(() => calls++);
    leave.abort();
    drain.end('content');
    assert.equal(calls, 2);
    assert.equal(drain.mayLeave, true);
    forget();
  });
});

describe('a request to stop', () => {
  it('drains first and becomes hard when grace is over; a planned restart never does', async () => {
    const request = new AbortController();
    let wake: () => void = () => undefined;
    const clock = { ...systemClock, sleep: () => new Promise<void>((resolve) => (wake = resolve)) };
    const stop = stopSignals(request.signal, 5_000, clock);
    stop.leave();
    assert.deepEqual([stop.drain.aborted, stop.hard.aborted], [true, false]);
    request.abort();
    assert.equal(stop.hard.aborted, false);
    wake();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(stop.hard.aborted, true);
  });
});

describe('a grid handed on', () => {
  it('is the same grid by another process clock, and none where the ticks have another distance', () => {
    const mine = { ...systemClock, elapsed: () => systemClock.elapsed() + 123_456 };
    const handed = handOn({ startMs: mine.elapsed() - 10_000, ticks: { ads: 11 } }, 1_000, mine);
    const taken = takeOver(handed, 1_000, systemClock);
    assert.deepEqual(taken?.ticks, { ads: 11 });
    assert.ok(
      Math.abs(systemClock.elapsed() - taken!.startMs - 10_000) < 1_000,
      'ten seconds ago, and not in another age',
    );
    assert.equal(takeOver(handed, 2_000, systemClock), undefined);
  });
});
