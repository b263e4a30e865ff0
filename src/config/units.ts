/** The spellings of the configuration: durations, sizes, instants, addresses. Each reader gives undefined for what it cannot read. */

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const SIZE_UNITS_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** `500ms`, `30s`, `10m`, `1.5h`, `7d` */
export const DURATION_PATTERN = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$/;

/** `2GiB`, `512MiB`, `1.5GB`, `100B` */
export const SIZE_PATTERN = /^([0-9]+(?:\.[0-9]+)?)(B|[KMGT]i?B)$/;

/** `2026-05-04T00:00:00Z`: with its zone, since a time without one means something else on every machine. */
export const TIME_PATTERN =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})$/;

/** `127.0.0.1:7700`, `localhost:0`, `[::1]:7700` */
export const LISTEN_PATTERN = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/;

/** Whole milliseconds. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION_PATTERN.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return whole(Number(amount) * DURATION_UNITS_MS[unit]!);
}

/** Whole bytes. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = SIZE_PATTERN.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return whole(Number(amount) * SIZE_UNITS_BYTES[unit]!);
}

/** ms since the epoch; a date that the calendar does not have is no time. */
export function parseTime(text: string): number | undefined {
  if (!TIME_PATTERN.test(text)) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return undefined;
  // Date.parse takes 30 February for 2 March.
  const wallClock = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return new Date(wallClock).toISOString().slice(0, 10) === text.slice(0, 10) ? time : undefined;
}

export interface ListenAddress {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
}

export function parseListen(text: string): ListenAddress | undefined {
  const [, host, port] = LISTEN_PATTERN.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/**
 * Whether a text is a place: `s3://bucket/prefix`, `file:path`, or a plain path; never with credentials in it, since
 * the address is logged and stored.
 */
export function isPlace(text: string): boolean {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(text)?.[1]?.toLowerCase(); // one letter is a drive
  if (text.trim() === '' || text.trim() !== text) return false;
  if (scheme === undefined) return true;
  if (scheme === 'file') return text.length > 'file:'.length;
  return scheme === 's3' && /^s3:\/\/[A-Za-z0-9][A-Za-z0-9._-]*(?:\/|$)/.test(text);
}

/** Whether a text is an `http(s)://host[:port]` without credentials. */
export function isEndpoint(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

function whole(value: number): number | undefined {
  const rounded = Math.round(value);
  return Math.abs(value - rounded) < 1e-6 && Number.isSafeInteger(rounded) ? rounded : undefined;
}
