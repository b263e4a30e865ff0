/** What a plot shows: `chart.ts` draws it. */

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** Ends of the bar that shows its spread. */
  readonly low?: number;
  readonly high?: number;
}

export interface PlotSeries {
  readonly name: string;
  readonly points: readonly PlotPoint[];
  /** `dots` for samples, `line` for a model, both unless told. */
  readonly draw?: 'dots' | 'line' | 'both';
}

export interface Axis {
  readonly label: string;
  readonly scale?: 'linear' | 'log';
}

export interface Plot {
  /** Of its file, behind that of what was measured. */
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly PlotSeries[];
  /** Where names of series stand: in a corner of the plot, unless told. */
  readonly legend?: 'inside' | 'above';
}
