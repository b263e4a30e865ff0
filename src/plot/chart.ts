/** Plots as SVG text: scales and paths by d3, marks by template; no browser, no script in the picture. */
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { Axis, Plot, PlotPoint, PlotSeries } from './plot.js';

const [WIDTH, HEIGHT] = [720, 400];
const MARGIN = { top: 36, right: 16, bottom: 48, left: 64 };
const LEGEND_LINE = 16;
/** Told apart by people who see colours differently, and in grey (Okabe and Ito 2008). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const TICKS = 6;

type Scale = ScaleContinuousNumeric<number, number>;

/** One picture of its own; readable on light and dark pages, since it brings its white. */
export function renderPlot(plot: Plot): string {
  const points = plot.series.flatMap((series) => series.points);
  const x = scaleOf(
    plot.x,
    points.map((point) => point.x),
    [MARGIN.left, WIDTH - MARGIN.right],
  );
  const ys = points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]);
  const isAbove = plot.legend === 'above';
  const top = MARGIN.top + (isAbove ? plot.series.length * LEGEND_LINE : 0);
  const y = scaleOf(plot.y, ys, [HEIGHT - MARGIN.bottom, top]);
  const body = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(MARGIN.left, 20, plot.title, 'font-weight="bold"'),
    ...xAxis(plot.x, x, top),
    ...yAxis(plot.y, y),
    ...plot.series.flatMap((series, i) => drawSeries(series, x, y, COLOURS[i % COLOURS.length]!)),
    ...legend(plot.series, isAbove ? MARGIN.top - LEGEND_LINE + 4 : MARGIN.top),
  ];
  const frame = `xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`;
  const title = `<title>${escapeText(plot.title)}</title>`;
  return `<svg ${frame} role="img" font-family="sans-serif" font-size="12">\n${title}\n${body.join('\n')}\n</svg>\n`;
}

/** From zero on where that is possible, so that lengths can be compared. */
function scaleOf(axis: Axis, values: readonly number[], range: [number, number]): Scale {
  const [least, most] = values.length === 0 ? [0, 0] : [Math.min(...values), Math.max(...values)];
  if (axis.scale === 'log') return scaleLog([Math.max(least, Number.MIN_VALUE), most], range).nice();
  return scaleLinear([Math.min(0, least), most === least ? most + 1 : most], range).nice();
}

function ticksOf(scale: Scale): [value: number, label: string][] {
  const format = scale.tickFormat(TICKS, '~s');
  return scale.ticks(TICKS).map((tick): [number, string] => [tick, format(tick)]);
}

function xAxis(axis: Axis, scale: Scale, top: number): string[] {
  const bottom = HEIGHT - MARGIN.bottom;
  const marks = ticksOf(scale).flatMap(([tick, label]) => [
    path(`M${scale(tick)},${top}V${bottom}`, '#e4e4e4'),
    text(scale(tick), bottom + 16, label, 'text-anchor="middle"'),
  ]);
  const middle = (MARGIN.left + WIDTH - MARGIN.right) / 2;
  return [...marks, text(middle, HEIGHT - 10, axis.label, 'text-anchor="middle"')];
}

function yAxis(axis: Axis, scale: Scale): string[] {
  const marks = ticksOf(scale).flatMap(([tick, label]) => [
    path(`M${MARGIN.left},${scale(tick)}H${WIDTH - MARGIN.right}`, '#e4e4e4'),
    text(MARGIN.left - 6, scale(tick) + 4, label, 'text-anchor="end"'),
  ]);
  const middle = (MARGIN.top + HEIGHT - MARGIN.bottom) / 2;
  return [...marks, text(14, middle, axis.label, `text-anchor="middle" transform="rotate(-90 14 ${middle})"`)];
}

function drawSeries({ points, draw = 'both' }: PlotSeries, x: Scale, y: Scale, colour: string): string[] {
  const marks: string[] = [];
  if (draw !== 'dots') {
    const curve = line<PlotPoint>(
      (point) => x(point.x),
      (point) => y(point.y),
    );
    marks.push(path(curve(points.toSorted((a, b) => a.x - b.x)) ?? '', colour, 1.5));
  }
  if (draw === 'line') return marks;
  for (const point of points) {
    const { low = point.y, high = point.y } = point;
    if (low !== high) marks.push(path(`M${x(point.x)},${y(low)}V${y(high)}`, colour));
    marks.push(`<circle cx="${fixed(x(point.x))}" cy="${fixed(y(point.y))}" r="2.5" fill="${colour}"/>`);
  }
  return marks;
}

function legend(series: readonly PlotSeries[], top: number): string[] {
  return series.flatMap(({ name }, i) => {
    const at = top + 12 + i * LEGEND_LINE;
    const colour = COLOURS[i % COLOURS.length]!;
    return [
      `<rect x="${MARGIN.left + 10}" y="${at - 8}" width="8" height="8" fill="${colour}"/>`,
      text(MARGIN.left + 24, at, name),
    ];
  });
}

function path(d: string, stroke: string, width = 1): string {
  return `<path d="${d.replace(/-?\d+\.\d+/g, (number) => fixed(Number(number)))}" fill="none" stroke="${stroke}" stroke-width="${width}"/>`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${escapeText(content)}</text>`;
}

function fixed(number: number): string {
  return String(Math.round(number * 10) / 10);
}

function escapeText(content: string): string {
  return content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
