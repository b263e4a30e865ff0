/** The frontier as an SVG: latency against segment size, CPU time as the size of a dot. Plain text, no library: one kind of chart. */

import type { Standing } from './frontier.js';

export interface PlotInput {
  readonly standings: readonly Standing[];
  /** One text a standing, shown beside its dot and on hovering. */
  readonly labels: readonly string[];
  readonly title: string;
  /** Ordinals of the standard and of the advice among the standings. */
  readonly standard: number;
  readonly advice: number;
}

const [WIDTH, HEIGHT] = [1040, 560];
const PLOT = { left: 90, right: 650, top: 60, bottom: 490 };
const TICKS = 5;
const COLOURS = { frontier: '#0b6e99', other: '#b5bec4', standard: '#c2410c', text: '#1f2933', grid: '#e4e7eb' };

export function plotFrontier({ standings, labels, title, standard, advice }: PlotInput): string {
  const x = scale(
    standings.flatMap((standing) => intervalOf(standing)),
    PLOT.left,
    PLOT.right,
  );
  const y = scale(
    standings.map(({ segmentBytes }) => segmentBytes / 1e6),
    PLOT.bottom,
    PLOT.top,
  );
  const mostCpu = Math.max(...standings.map(({ cpuMs }) => cpuMs));
  const dots = standings.map((standing, i) => {
    const [cx, cy] = [x.at(standing.latencyMs), y.at(standing.segmentBytes / 1e6)];
    const radius = 4 + 10 * Math.sqrt(standing.cpuMs / mostCpu);
    const fill = i === standard ? COLOURS.standard : standing.isOnFrontier ? COLOURS.frontier : COLOURS.other;
    const ring = i === advice ? ` stroke="${COLOURS.text}" stroke-width="2.5"` : '';
    const facts = `${labels[i]!}: ${standing.latencyMs.toFixed(0)} ms, ${standing.segmentBytes} bytes, ${(standing.cpuMs / 1000).toFixed(2)} CPU s`;
    const [low, high] = intervalOf(standing);
    return (
      line(x.at(low), cy, x.at(high), cy, COLOURS.other) +
      `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${radius.toFixed(1)}" fill="${fill}" fill-opacity="0.75"${ring}><title>${escapeXml(facts)}</title></circle>` +
      text(cx, cy + 4, `${i + 1}`, 'middle', 10)
    );
  });
  const legend = standings.map((_, i) =>
    text(
      PLOT.right + 24,
      PLOT.top + 16 * i,
      `${i + 1}  ${labels[i]!}${i === standard ? ' (present)' : ''}${i === advice ? ' (advice)' : ''}`,
      'start',
      11,
    ),
  );
  const axes = [
    ...x.ticks.map(
      (tick) =>
        line(x.at(tick), PLOT.top, x.at(tick), PLOT.bottom) +
        text(x.at(tick), PLOT.bottom + 18, spell(tick, x.step), 'middle', 11),
    ),
    ...y.ticks.map(
      (tick) =>
        line(PLOT.left, y.at(tick), PLOT.right, y.at(tick)) +
        text(PLOT.left - 8, y.at(tick) + 4, spell(tick, y.step), 'end', 11),
    ),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 42, 'latency, ms', 'middle', 12),
    text(PLOT.left, PLOT.top - 12, 'segment, MB', 'middle', 12),
  ];
  const key = `Blue: on the frontier of latency, size and CPU time. Area of a dot: CPU time. Line: 90 % interval. Ring: the advice. Orange: present settings.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(PLOT.left, 26, title, 'start', 15),
    ...axes,
    ...dots,
    ...legend,
    text(PLOT.left, HEIGHT - 10, key, 'start', 11),
    '</svg>\n',
  ].join('\n');
}

/** Latency's interval in ms; the figure itself where there are too few pairs for one. */
function intervalOf({ latencyMs, latencyRatio }: Standing): readonly [low: number, high: number] {
  const { low, median, high } = latencyRatio;
  return Number.isFinite(high) ? [(latencyMs * low) / median, (latencyMs * high) / median] : [latencyMs, latencyMs];
}

/** A linear scale over the values with a margin, its ticks at round numbers. */
function scale(values: readonly number[], from: number, to: number) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Values that are all the same still need a width to stand in.
  const margin = high > low ? (high - low) * 0.1 : Math.max(1e-3, high * 0.05);
  const [start, end] = [low - margin, high + margin];
  const at = (value: number) => from + ((value - start) / (end - start)) * (to - from);
  const step = roundStep((end - start) / TICKS);
  const ticks: number[] = [];
  for (let tick = Math.ceil(start / step) * step; tick <= end; tick += step) ticks.push(tick);
  return { at, ticks, step };
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * (raw <= power ? 1 : raw <= 2 * power ? 2 : raw <= 5 * power ? 5 : 10);
}

const spell = (tick: number, step: number) => tick.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));

function line(x1: number, y1: number, x2: number, y2: number, colour = COLOURS.grid): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${colour}"/>`;
}

function text(x: number, y: number, content: string, anchor: string, size: number): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-size="${size}" fill="${COLOURS.text}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
