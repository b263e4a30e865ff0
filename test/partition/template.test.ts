import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TidemarkError } from '#src/base/errors.js';
import { formatPartition, nextSlot, parsePartition, slotStart } from '#src/partition/key.js';
import { compileTemplate } from '#src/partition/template.js';

const MINUTES = 'dt=%Y-%m-%d/hour=%H/minute=%M';
const time = (iso: string): number => Date.parse(iso);

function parsed(template: string, key: string): string {
  const result = parsePartition(compileTemplate(template), key);
  return result.ok ? `${new Date(result.time).toISOString()} ${result.prefix}` : result.reason;
}

test('a key below a partition gives its time and folder', () => {
  assert.equal(
    parsed(MINUTES, 'dt=2026-05-04/hour=02/minute=15/nested/part-0.parquet'),
    '2026-05-04T02:15:00.000Z dt=2026-05-04/hour=02/minute=15/',
  );
  assert.equal(
    parsed('events/%Y%m%dT%H%M%S', 'events/20260504T021559/a'),
    '2026-05-04T02:15:59.000Z events/20260504T021559/',
  );
  assert.equal(parsed('y%Y/%j/%H', 'y2024/366/23/a'), '2024-12-31T23:00:00.000Z y2024/366/23/');
  assert.equal(parsed('t-%s', 't-1777852800/a'), '2026-05-04T00:00:00.000Z t-1777852800/');
  assert.equal(parsed('100%%/%Y', '100%/2026/a'), '2026-01-01T00:00:00.000Z 100%/2026/');
  assert.equal(parsed('%d-%m-%Y', '04-05-2026/a'), '2026-05-04T00:00:00.000Z 04-05-2026/');
});

test('what is no partition says why', () => {
  const cases: [string, string, RegExp][] = [
    [MINUTES, 'dt=2026-02-30/hour=00/minute=00/a', /no such date/],
    [MINUTES, 'dt=2026-02-29/hour=00/minute=00/a', /no such date/],
    [MINUTES, 'dt=2026-13-01/hour=00/minute=00/a', /no month 13/],
    [MINUTES, 'dt=2026-05-04/hour=24/minute=00/a', /no hour 24/],
    [MINUTES, 'dt=2026-05-04/hour=02/minute=60/a', /no minute 60/],
    [MINUTES, 'dt=2026-05-04/hour=2/minute=00/a', /expected 2 digits/],
    [MINUTES, 'dt=2026-5-04/hour=02/minute=00/a', /expected 2 digits/],
    [MINUTES, 'dt=2026-05-04/hour=002/minute=00/a', /left over/],
    [MINUTES, 'dt=2026-05-04/hour=02/minute=00.bak/a', /left over/],
    [MINUTES, 'dt=2026-05-04/hour=+2/minute=00/a', /expected 2 digits/],
    [MINUTES, 'dt=٢٠٢٦-05-04/hour=02/minute=00/a', /expected 4 digits/],
    [MINUTES, 'dt=2026-05-04/hour=02/minute=00', /no folder minute=%M/],
    [MINUTES, 'date=2026-05-04/hour=02/minute=00/a', /expected "dt=" at position 1/],
    [MINUTES, 'dt=1969-12-31/hour=02/minute=00/a', /no year 1969/],
    ['%Y/%j', '2026/366/a', /no such date/],
    ['%Y/%j', '2026/000/a', /no day of the year 000/],
    ['%Y/%Y-%m', '2026/2025-01/a', /year was 2026 before/],
    ['%Y-%m-%d/%s', '2026-05-04/1777939200/a', /no such date/],
    ['t-%s', 't-999999999/a', /expected 10 digits/],
    ['%Y-%m-%d/%H%M%S', '2026-05-04/235960/a', /no second 60/],
  ];
  for (const [template, key, reason] of cases) {
    const result = parsePartition(compileTemplate(template), key);
    assert.ok(!result.ok, `${key} is refused`);
    assert.match(result.reason, reason);
  }
});

test('the shortest folder that rules a key out is named', () => {
  const template = compileTemplate(MINUTES);
  const at = (key: string) => {
    const result = parsePartition(template, key);
    return result.ok ? undefined : result.at;
  };
  assert.equal(at('dt=2026-05-04/junk/deep/a'), 'dt=2026-05-04/junk/');
  assert.equal(at('dt=x/hour=01/minute=00/a'), 'dt=x/');
  assert.equal(at('dt=2026-05-04/file.parquet'), 'dt=2026-05-04/file.parquet');
});

test("format and parse are each other's way back, for any time and template", () => {
  const templates = [
    MINUTES,
    '%Y/%m/%d/%H',
    '%Y%j/%H%M%S',
    '%d-%m-%Y',
    'e/year=%Y/dt=%Y-%m-%d',
    '%s',
    '%H/%d.%m.%Y',
    '%Y',
    '%Y-%m',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...templates),
      fc.integer({ min: time('2001-09-10T00:00:00Z'), max: time('2286-11-20T00:00:00Z') }),
      (text, instant) => {
        const template = compileTemplate(text);
        const prefix = formatPartition(template, instant);
        const result = parsePartition(template, `${prefix}a.parquet`);
        assert.deepEqual(result, { ok: true, time: slotStart(template.slot, instant), prefix });
        assert.equal(formatPartition(template, result.ok ? result.time : -1), prefix);
      },
    ),
    { seed: 1, numRuns: 2_000 },
  );
});

test('in an ordered template the order of folders is the order of times, and only there', () => {
  const ordered = [MINUTES, '%Y/%m/%d/%H', '%Y%j/%H%M%S', 'e/year=%Y/dt=%Y-%m-%d', '%s', '%Y-%m-%d/%s', '%Y/%m/%j'];
  const unordered = ['%d-%m-%Y', '%H/%Y-%m-%d', '%Y-%d-%m', '%m-%Y', '%Y-%m-%d/%M/%H'];
  const instant = fc.integer({ min: time('2001-09-10T00:00:00Z'), max: time('2100-01-01T00:00:00Z') });
  for (const text of ordered) {
    const template = compileTemplate(text);
    assert.ok(template.ordered, text);
    fc.assert(
      fc.property(instant, fc.integer({ min: -100_000_000, max: 100_000_000 }), (a, step) => {
        const [x, y] = [a, a + step].map((t) => formatPartition(template, t));
        const [s, t] = [a, a + step].map((at) => slotStart(template.slot, at));
        assert.equal(Math.sign(x! < y! ? -1 : x! > y! ? 1 : 0), Math.sign(s! - t!));
      }),
      { seed: 2, numRuns: 500 },
    );
  }
  for (const text of unordered) assert.equal(compileTemplate(text).ordered, false, text);
});

test('slots follow the calendar: years, months, leap days, no daylight saving', () => {
  assert.equal(compileTemplate('%Y/%m/%d').slot, 'day');
  assert.equal(compileTemplate('%H/%d.%m.%Y').slot, 'hour');
  assert.equal(nextSlot('month', time('2024-02-15T00:00:00Z')), time('2024-03-01T00:00:00Z'));
  assert.equal(nextSlot('year', time('2024-02-15T00:00:00Z')), time('2025-01-01T00:00:00Z'));
  assert.equal(nextSlot('day', time('2024-12-31T12:00:00Z')), time('2025-01-01T00:00:00Z'));
  // The nights on which Central Europe and the United States turn their clocks have 24 hours here.
  for (const day of ['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01']) {
    assert.equal(nextSlot('day', time(`${day}T00:00:00Z`)) - time(`${day}T00:00:00Z`), 24 * 3_600_000);
    for (let hour = 0; hour < 24; hour++) {
      const text = String(hour).padStart(2, '0');
      assert.equal(parsed('%Y-%m-%d/%H', `${day}/${text}/a`), `${day}T${text}:00:00.000Z ${day}/${text}/`);
    }
  }
});

test('a bad template names the position and what would be right', () => {
  const cases: [string, RegExp, RegExp][] = [
    ['dt=%Y-%k', /%k is no directive at position 7/, /use %Y/],
    ['dt=%Y-%', /a lone % stands at position 7/, /%%/],
    ['', /empty folder name stands at position 1/, /for example/],
    ['/dt=%Y', /empty folder name stands at position 1/, /leading/],
    ['dt=%Y/', /empty folder name stands at position 7/, /trailing/],
    ['dt=%Y//%m', /empty folder name stands at position 7/, /double/],
    ['data/files', /no directive stands at position 1/, /dt=%Y/],
    ['%Y/_x', /starts with "_" at position 4/, /ignored/],
    ['dt=%Y-%m/%H', /%H stands without %d at position 10/, /every unit/],
    ['%m-%d', /%m stands without %Y at position 1/, /every unit/],
    ['%Y-%m-%d/%M', /%M stands without %H at position 10/, /every unit/],
  ];
  for (const [template, message, fix] of cases) {
    assert.throws(
      () => compileTemplate(template),
      (error: unknown) => {
        assert.ok(error instanceof TidemarkError, template);
        assert.equal(error.code, 'config');
        assert.match(error.message, message);
        assert.match(error.fix ?? '', fix);
        return true;
      },
    );
  }
});
