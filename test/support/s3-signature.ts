/** Checks Signature Version 4 and unpacks the payload formats that the SDK sends. Nothing here is shared with the client. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** An S3 error answer. */
export class S3Failure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string = code,
  ) {
    super(message);
  }
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** Every byte but the unreserved ones as %XX: the canonical form of names and values. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

/** Fails unless the request is signed with these credentials over exactly this method, path, query, headers and payload. */
export function verifySignature(request: IncomingMessage, rawBody: Buffer, credentials: Credentials): void {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? '');
  if (match === null) throw new S3Failure(403, 'AccessDenied', 'no signature of version 4');
  const [, accessKeyId, day, region, signedHeaders, signature] = match as unknown as string[];
  if (accessKeyId !== credentials.accessKeyId) throw new S3Failure(403, 'InvalidAccessKeyId');
  const payload = String(request.headers['x-amz-content-sha256']);
  if (/^[0-9a-f]{64}$/.test(payload)) {
    if (payload !== sha256(rawBody)) throw new S3Failure(400, 'XAmzContentSHA256Mismatch');
  } else if (payload !== 'UNSIGNED-PAYLOAD' && payload !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    throw new S3Failure(501, 'NotImplemented', `payload ${payload}`);
  }
  const url = new URL(request.url ?? '/', 'http://unused');
  const names = signedHeaders!.split(';');
  for (const needed of ['host', 'x-amz-content-sha256', 'x-amz-date']) {
    if (!names.includes(needed)) throw new S3Failure(403, 'AccessDenied', `${needed} is not signed`);
  }
  const headers = names.map(
    (name) =>
      `${name}:${String(request.headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  const path = (request.url ?? '/').split('?', 1)[0];
  const canonical = [request.method, path, canonicalQuery(url), headers.join(''), signedHeaders, payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const dayKey = hmac(`AWS4${credentials.secretAccessKey}`, day!);
  const key = hmac(hmac(hmac(dayKey, region!), 's3'), 'aws4_request');
  if (hmac(key, toSign).toString('hex') !== signature) throw new S3Failure(403, 'SignatureDoesNotMatch');
}

/** The object's bytes out of the request's, with every checksum that came along verified. */
export function payloadOf(request: IncomingMessage, rawBody: Buffer): Buffer {
  const isChunked = request.headers['x-amz-content-sha256'] === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
  const { body, trailers } = isChunked ? unchunk(rawBody) : { body: rawBody, trailers: new Map<string, string>() };
  const claimed = request.headers['x-amz-checksum-crc32'] ?? trailers.get('x-amz-checksum-crc32');
  const actual = crc32Base64(body);
  if (claimed !== undefined && claimed !== actual) throw new S3Failure(400, 'BadDigest', 'crc32 does not match');
  const md5 = request.headers['content-md5'];
  if (md5 !== undefined && md5 !== createHash('md5').update(body).digest('base64'))
    throw new S3Failure(400, 'BadDigest');
  const length = request.headers['x-amz-decoded-content-length'];
  if (length !== undefined && Number(length) !== body.length) throw new S3Failure(400, 'IncompleteBody');
  return body;
}

/** As S3 writes checksums: big-endian, base64. */
export function crc32Base64(bytes: Uint8Array): string {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(crc32(bytes));
  return out.toString('base64');
}

/** `aws-chunked`: hex length, CRLF, bytes, CRLF, .. , 0, CRLF, trailer lines, CRLF. */
function unchunk(raw: Buffer): { body: Buffer; trailers: Map<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = raw.indexOf('\r\n', at);
    if (lineEnd < 0) throw new S3Failure(400, 'IncompleteBody');
    const length = Number.parseInt(raw.toString('latin1', at, lineEnd), 16);
    at = lineEnd + 2;
    if (length === 0) break;
    chunks.push(raw.subarray(at, at + length));
    at += length + 2;
  }
  const lines = raw.toString('latin1', at).split('\r\n');
  const trailers = lines
    .filter((line) => line.includes(':'))
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
  return { body: Buffer.concat(chunks), trailers: new Map(trailers) };
}
