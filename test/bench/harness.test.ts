/** The frame of the benches: rounds, histograms, plots and pages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderPlot } from '#src/plot/chart.js';
import { LatencyHistogram, summarize } from '../../bench/harness/latency.js';
import { machineKey, machineLabel } from '../../bench/harness/machine.js';
import { measure, time } from '../../bench/harness/measure.js';
import { formatNumber, renderTable } from '../../bench/harness/report.js';
import type { Plot } from '../../bench/harness/scenario.js';

test('variants take turns, back and forth, and warm-up rounds are cut', async () => {
  const order: string[] = [];
  let calls = 0;
  const variant = (name: string) => () => {
    order.push(name);
    return calls++;
  };
  const samples = await measure({ a: variant('a'), b: variant('b') }, { warmUps: 1, rounds: 2 });
  assert.deepEqual(order, ['a', 'b', 'b', 'a', 'a', 'b']);
  assert.deepEqual(
    [...samples],
    [
      ['a', [3, 4]],
      ['b', [2, 5]],
    ],
  );
});

test('a failing variant fails the measurement', async () => {
  const failing = () => Promise.reject(new Error('broken'));
  await assert.rejects(measure({ failing }, { warmUps: 0, rounds: 1 }), /broken/);
});

test('a call is timed from its start to its end, and gives its value', async () => {
  const { value, wallMs, cpuMs } = await time(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    let sum = 0;
    for (let i = 0; i < 5e7; i++) sum = Math.imul(sum + i, 31);
    return sum;
  });
  assert.equal(typeof value, 'number');
  // Timers may fire a millisecond early; computing takes CPU time on any machine.
  assert.ok(wallMs >= 18 && cpuMs > 0, `${wallMs} ms, ${cpuMs} ms of CPU`);
});

test('a histogram keeps three figures of every magnitude', () => {
  const histogram = new LatencyHistogram();
  for (let ms = 1; ms <= 1_000; ms++) histogram.record(ms);
  const { count, p50, p95, p99, max } = histogram.summary;
  assert.equal(count, 1_000);
  for (const [actual, expected] of [
    [p50, 500],
    [p95, 950],
    [p99, 990],
    [max, 1_000],
  ] as const) {
    assert.ok(Math.abs(actual / expected - 1) < 0.002, `${actual} for ${expected}`);
  }
  assert.ok(histogram.curve.every(({ ms }, i, all) => i === 0 || ms >= all[i - 1]!.ms));
  assert.throws(() => histogram.record(-1), RangeError);
  assert.throws(() => histogram.record(Number.NaN), RangeError);
  assert.equal(summarize([0.0042]).max, 0.004);
});

const PLOT: Plot = {
  name: 'p',
  title: 'a < b & c',
  x: { label: 'documents', scale: 'log' },
  y: { label: 'ms' },
  series: [
    {
      name: 'dots',
      points: [
        { x: 10, y: 5, low: 4, high: 7 },
        { x: 1_000, y: 50 },
      ],
      draw: 'dots',
    },
    {
      name: 'model',
      points: [
        { x: 1_000, y: 40 },
        { x: 10, y: 4 },
      ],
      draw: 'line',
    },
  ],
};

test('a plot is well-formed SVG that shows every point inside its frame', () => {
  const svg = renderPlot(PLOT);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.ok(svg.includes('a &#60; b &#38; c') && svg.includes('>documents<') && svg.includes('>model<'));
  const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
  assert.equal(circles.length, 2);
  for (const [x, y] of circles) assert.ok(x! > 60 && x! < 710 && y! > 30 && y! < 360, `${x} ${y}`);
  // More is higher up, and further right.
  assert.ok(circles[1]![0]! > circles[0]![0]! && circles[1]![1]! < circles[0]![1]!);
  assert.equal((svg.match(/<(?!\/|\?)[a-z]+/g) ?? []).length, (svg.match(/\/>|<\/[a-z]+>/g) ?? []).length);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
});

test('a plot of one value, or of none, still has axes', () => {
  for (const points of [[{ x: 3, y: 3 }], []]) {
    const svg = renderPlot({ ...PLOT, x: { label: 'x' }, series: [{ name: 's', points }] });
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
    assert.ok((svg.match(/#e4e4e4/g) ?? []).length >= 4, 'grid lines of both axes');
  }
});

test('tables put numbers to the right and escape bars', () => {
  const table = renderTable({
    title: 't',
    columns: ['a|b', 'ms'],
    rows: [
      ['x|y', 1_234.5678],
      ['z', 0.01234],
    ],
  });
  assert.equal(table, '| a\\|b | ms |\n| --- | --: |\n| x\\|y | 1,235 |\n| z | 0.0123 |');
  assert.deepEqual([12.345, 2, 0, 1e6, Number.NaN].map(formatNumber), ['12.3', '2', '0', '1,000,000', '-']);
});

test('the key of a machine leaves out what does not change speed', () => {
  const machine = { cpu: 'C', cores: 2, memoryGiB: 8, platform: 'linux x64', node: '20.15.1', v8: '11', load: 0.5 };
  assert.equal(machineKey(machine), machineKey({ ...machine, load: 9, node: '20.20.2', memoryGiB: 16 }));
  assert.notEqual(machineKey(machine), machineKey({ ...machine, node: '24.0.0' }));
  assert.match(machineLabel(machine), /C, 2 cores, 8 GiB, .* load 0.5/);
});
