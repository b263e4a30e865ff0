/** What the SDK's errors mean: whether another attempt may help, and what a person should do. */
import { type ErrorCode, TidemarkError } from '../base/errors.js';

/**
 * - `missing` no such object · `changed` a condition failed · `conflict` another conditional write was under way, nothing landed
 * - `range` the range lies behind the end · `throttled` asked to slow down · `transient` likely gone at the next attempt
 * - `fatal` the same at every attempt
 */
export type S3ErrorKind = 'missing' | 'changed' | 'conflict' | 'range' | 'throttled' | 'transient' | 'fatal';

/** The fields of an SDK or network error that decide; anything thrown fits. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
}

const KIND_BY_NAME: Readonly<Record<string, S3ErrorKind>> = {
  NoSuchKey: 'missing',
  NotFound: 'missing',
  NoSuchBucket: 'fatal',
  NoSuchUpload: 'fatal',
  PreconditionFailed: 'changed',
  ConditionalRequestConflict: 'conflict',
  OperationAborted: 'conflict',
  InvalidRange: 'range',
  SlowDown: 'throttled',
  RequestLimitExceeded: 'throttled',
  TooManyRequestsException: 'throttled',
  Throttling: 'throttled',
  ThrottlingException: 'throttled',
  ServiceUnavailable: 'throttled',
  // Also what a 200 turns into whose body says that completing an upload failed.
  InternalError: 'transient',
  RequestTimeout: 'transient',
  TimeoutError: 'transient',
  NotImplemented: 'fatal',
};

const KIND_BY_STATUS: Readonly<Record<number, S3ErrorKind>> = {
  404: 'missing',
  412: 'changed',
  416: 'range',
  429: 'throttled',
  500: 'transient',
  502: 'transient',
  503: 'throttled',
  504: 'transient',
};

/** Failures of the network below; a server that is being restarted refuses connections for a moment. */
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

export function kindOf(error: unknown): S3ErrorKind {
  const { name = '', code = '', $metadata } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  if ($metadata?.clockSkewCorrected === true) return 'transient';
  const known = KIND_BY_NAME[name];
  if (known !== undefined) return known;
  if (NETWORK_CODES.has(code)) return 'transient';
  // A 2xx whose body could not be read to its end: the answer was cut.
  if (status >= 200 && status < 300) return 'transient';
  return KIND_BY_STATUS[status] ?? 'fatal';
}

/** Names whose server text may repeat parts of a key or a signature: told by name only. */
const SECRETIVE = /AccessKey|Signature|Token|Credential/i;

const FIX_BY_NAME: Readonly<Record<string, string>> = {
  NoSuchBucket: 'create the bucket, or correct the address',
  AccessDenied:
    'allow s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on that prefix',
  InvalidAccessKeyId: 'check the credentials of the environment or the profile',
  SignatureDoesNotMatch: 'check the secret key of the environment or the profile, and the region',
  ExpiredToken: 'renew the credentials',
  RequestTimeTooSkewed: 'set the clock of this machine',
  PermanentRedirect: 'set region to the one the bucket lies in',
  AuthorizationHeaderMalformed: 'set region to the one the bucket lies in',
  NotImplemented: 'use a store with conditional writes, and integrity: off if it refuses checksums',
  CredentialsProviderError: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run with a role',
  NoSuchUpload: 'somebody else aborted the upload: check lifecycle rules',
  ECONNREFUSED: 'check the endpoint, and that the store is up',
  ENOTFOUND: 'check the endpoint and the name service',
};

/** Failures that lie in what the user configured rather than in the store. */
const CONFIG_NAMES: ReadonlySet<string> = new Set(['CredentialsProviderError', 'NoSuchBucket', 'PermanentRedirect']);

/** The error a caller sees. The SDK's own error is not kept as cause: it carries the signed request. */
export function s3Error(error: unknown, doing: string, where: { store: string; object: string }): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const { name = 'Error', message = String(error), code, $metadata } = error as SdkError;
  const label = code ?? name;
  const status = $metadata?.httpStatusCode;
  const text = SECRETIVE.test(name) ? label : `${label}: ${message}`;
  const isRegion = /Region is missing/i.test(message);
  const fix = isRegion ? 'set region, or AWS_REGION' : (FIX_BY_NAME[name] ?? FIX_BY_NAME[label] ?? fixByStatus(status));
  const [errorCode, sentence] = describe(error, isRegion, name, `the store failed to ${doing}: ${text}`);
  return new TidemarkError(errorCode, sentence, {
    where: { ...where, ...(status === undefined ? {} : { status }) },
    ...(fix === undefined ? {} : { fix }),
  });
}

function describe(error: unknown, isRegion: boolean, name: string, otherwise: string): [ErrorCode, string] {
  if (isRegion || CONFIG_NAMES.has(name)) return ['config', otherwise];
  const kind = kindOf(error);
  if (kind === 'missing') return ['not-found', 'there is no such object'];
  if (kind === 'changed') return ['changed', 'the object was rewritten since it was listed'];
  return ['store', otherwise];
}

function fixByStatus(status: number | undefined): string | undefined {
  if (status === 403) return 'check the credentials and what they are allowed to do on that prefix';
  if (status === 301 || status === 307) return 'set region to the one the bucket lies in';
  if (status === 429 || status === 503) return 'the store asks to slow down: fewer threads, or spread the prefixes';
  return undefined;
}
