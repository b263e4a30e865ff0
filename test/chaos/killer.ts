/** When the daemon is killed: at any moment of its life, soon after it began to work, or in a phase of a run that chance picks. */
import type { Random } from '#src/gen/random.js';
import type { ChaosDaemon, Moment } from './daemon.js';

const PHASES: readonly Moment[] = ['select', 'read', 'build', 'merge', 'seal', 'commit'];

/** Longest life of a daemon that is killed at any moment, its start among them. */
const ANY_MOMENT_MS = 1_000;
/** The same, counted from its first run. */
const AT_WORK_MS = 400;
/** How long a phase is waited for: a daemon with nothing new has none but `select`. */
const PHASE_MS = 1_200;

/** Kills it, and tells what it was at. */
export async function killSomewhere(daemon: ChaosDaemon, random: Random): Promise<Moment> {
  // All are drawn, so that what the next kill draws does not depend on how this one is done.
  const how = random.next();
  const phase = PHASES[random.below(PHASES.length)]!;
  const [lateMs, anyMs, workMs] = [random.below(4), random.below(ANY_MOMENT_MS), random.below(AT_WORK_MS)];
  const timer = new AbortController();
  const wait = async () => {
    if (how < 0.15) return pause(anyMs, timer.signal);
    await reached(daemon, PHASES);
    if (how < 0.4) return pause(workMs, timer.signal);
    await Promise.race([pause(PHASE_MS, timer.signal), reached(daemon, [phase])]);
    return pause(lateMs, timer.signal);
  };
  await Promise.race([wait(), daemon.ended]);
  timer.abort();
  const { moment } = daemon;
  daemon.kill('SIGKILL');
  await daemon.ended;
  return moment;
}

function reached(daemon: ChaosDaemon, phases: readonly Moment[]): Promise<void> {
  return new Promise((resolve) => {
    daemon.onMoment = (moment) => {
      if (phases.includes(moment)) resolve();
    };
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
