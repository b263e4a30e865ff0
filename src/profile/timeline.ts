/** The threads over time as lanes of bars: phases on main, tasks on the workers, garbage collection beneath them. */

import { escapeHtml, msText } from './html.js';
import { type Recording, threadNames } from './recording.js';

/** Units across a lane: fine enough that a bar's edge is never off by a pixel. */
const WIDTH = 10_000;
const HEIGHT = 20;
const GC_HEIGHT = 4;

/** Bars narrower than a third of a pixel on a wide screen are left out where many stand: they would only weigh. */
const MIN_WIDTH = 3;
const MANY_BARS = 2000;

const US_PER_MS = 1000;

/** Marks under the lanes. */
const TICKS = 5;

interface Bar {
  readonly startUs: number;
  readonly endUs: number;
  readonly kind: string;
  readonly text: string;
}

export function timelineHtml(recording: Recording): string {
  const names = threadNames(recording.threads);
  const lanes = recording.threads.map(({ thread, gc }, i) => {
    const bars = thread === 0 ? phaseBars(recording) : taskBars(recording, thread);
    return laneHtml(names[i]!, bars, gc, recording);
  });
  const lengthMs = (recording.endUs - recording.startUs) / US_PER_MS;
  const ticks = Array.from({ length: TICKS }, (_, i) => `<span>${msText((lengthMs * i) / (TICKS - 1))}</span>`);
  return `<div class="lanes">${lanes.join('\n')}<span></span><div class="ticks" aria-hidden="true">${ticks.join('')}</div></div>`;
}

function phaseBars({ phases }: Recording): Bar[] {
  return phases.map(({ phase, startUs, endUs }) => ({ startUs, endUs, kind: phase, text: phase }));
}

function taskBars({ tasks }: Recording, thread: number): Bar[] {
  return tasks
    .filter((task) => task.thread === thread)
    .map(({ kind, startUs, endUs, facts }) => {
      const { slices, from, to } = facts;
      const what = slices ?? (from === undefined ? '' : `terms ${from || 'first'} to ${to || 'last'}`);
      return { startUs, endUs, kind, text: `${kind} ${what}`.trim() };
    });
}

function laneHtml(name: string, bars: readonly Bar[], gc: Recording['threads'][number]['gc'], recording: Recording) {
  const { startUs, endUs } = recording;
  const scale = WIDTH / Math.max(1, endUs - startUs);
  const rect = (bar: Bar, y: number, height: number) => {
    const [x, width] = [(bar.startUs - startUs) * scale, (bar.endUs - bar.startUs) * scale];
    const text = escapeHtml(`${bar.text}: ${msText((bar.endUs - bar.startUs) / US_PER_MS)} ms`);
    const size = `x="${x.toFixed(1)}" y="${y}" width="${Math.max(1, width).toFixed(1)}" height="${height}"`;
    return `<rect class="b-${escapeHtml(bar.kind)}" ${size}><title>${text}</title></rect>`;
  };
  const shown = bars.length <= MANY_BARS ? bars : bars.filter((bar) => (bar.endUs - bar.startUs) * scale >= MIN_WIDTH);
  const pauses = gc.map((pause) => ({ ...pause, kind: 'gc', text: `garbage collection, ${pause.kind}` }));
  const rects = [
    ...shown.map((bar) => rect(bar, 0, HEIGHT - GC_HEIGHT)),
    ...pauses.map((bar) => rect(bar, HEIGHT - GC_HEIGHT, GC_HEIGHT)),
  ];
  const busyMs = bars.reduce((sum, bar) => sum + bar.endUs - bar.startUs, 0) / US_PER_MS;
  const label = escapeHtml(`${name}: ${bars.length} stretches of work, ${msText(busyMs)} ms in all`);
  return `<span class="lane-name">${escapeHtml(name)}</span><svg class="lane" role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${rects.join('')}</svg>`;
}
