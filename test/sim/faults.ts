/** Every fault that a history can hold, and how often each one fired. */

/** Faults of a single call, drawn while a window is open. */
export const CALL_FAULTS = {
  slow: 'an answer takes seconds',
  error500: 'the store answers 500, nothing happened',
  throttled503: 'the store asks to slow down (503), nothing happened',
  conflict409: 'another conditional write is under way (409), nothing happened',
  lostRequest: 'the connection breaks before the request arrives',
  lostAnswer: 'the connection breaks after the request took effect',
  cutAnswer: 'a read breaks off in its body',
  shortPage: 'a listing page holds fewer entries than asked for',
  staleListing: 'a listing of the source does not show the newest objects yet',
  unordered: 'a listing of the source comes in no order',
  deadThread: 'a worker thread ends during a task',
} as const;

/** Faults of a process or of the source. */
export const OTHER_FAULTS = {
  crashBefore: 'a process is killed before its request arrives',
  crashAfter: 'a process is killed after its request took effect',
  zombieWrite: 'a request takes effect after its process was killed',
  paused: 'a process stands still while the world goes on',
  secondDaemon: 'a second daemon starts on the same index',
  taken412: 'a generation was created by another writer first (412)',
  ownEcho: 'a create finds its own object, its answer having been lost',
  fenced: 'a daemon finds that another one leads and ends',
  skewedClock: "a process's clock is minutes off",
  clockSetBack: "a process's clock is set back by an hour",
  outage: 'the store is away for longer than the window',
  silence: 'no partition lands for longer than the window',
  baseBuilt: 'an operator commits a new base beside the daemon',
  rolledBack: 'an operator goes back to an older generation',
  resumed: 'what a rollback holds is let in again',
  collected: 'an object is collected as garbage',
  readerOpen: 'a reader holds a generation while others are committed',
  latePartition: 'a partition lands after newer ones were committed',
  lateObject: 'an object is added to a committed partition',
  rewritten: 'an object of a committed partition is replaced',
  removed: 'an object of a committed partition is deleted',
  rewrittenWhileRead: 'an object is replaced between its listing and its read',
  badPartition: 'an object is no Parquet and no Arrow',
  futurePartition: 'a partition claims a time far ahead',
  emptyPartition: 'a partition holds empty objects only',
  strangeKey: 'a name under the source is no partition',
} as const;

export type CallFault = keyof typeof CALL_FAULTS;
export type Fault = CallFault | keyof typeof OTHER_FAULTS;

export const FAULTS: Readonly<Record<Fault, string>> = { ...CALL_FAULTS, ...OTHER_FAULTS };

export type FaultCounts = Map<Fault, number>;

export function count(counts: FaultCounts, fault: Fault): void {
  counts.set(fault, (counts.get(fault) ?? 0) + 1);
}

export function addCounts(into: FaultCounts, from: FaultCounts): void {
  for (const [fault, fired] of from) into.set(fault, (into.get(fault) ?? 0) + fired);
}

/** One line a fault. */
export function faultTable(counts: FaultCounts): string {
  return Object.entries(FAULTS)
    .map(([fault, meaning]) => `${String(counts.get(fault as Fault) ?? 0).padStart(8)}  ${fault.padEnd(19)} ${meaning}`)
    .join('\n');
}
