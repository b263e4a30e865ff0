/** Who may ask: this machine, or whoever holds the token. */
import { createHash, timingSafeEqual } from 'node:crypto';

const LOOPBACK = /^(localhost|127(\.[0-9]{1,3}){3}|::1|\[::1\])$/i;

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Equal or not, without telling by the time it takes where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export interface AccessRule {
  /** Undefined: no token is asked for. */
  readonly token: string | undefined;
  /** Whether only this machine can reach the server. */
  readonly isLocal: boolean;
}

/** Why a request is refused; undefined where it may pass. */
export function refusal(
  rule: AccessRule,
  headers: { readonly authorization?: string; readonly host?: string },
): 401 | 403 | undefined {
  if (rule.token !== undefined) {
    const [, given] = /^Bearer +(.+)$/i.exec(headers.authorization ?? '') ?? [];
    return given !== undefined && isSame(given, rule.token) ? undefined : 401;
  }
  // A page of another site that was made to resolve to this machine still names its own host.
  const host = (headers.host ?? '').replace(/:[0-9]+$/, '');
  return rule.isLocal && !isLoopback(host) ? 403 : undefined;
}
