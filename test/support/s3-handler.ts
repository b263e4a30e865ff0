/**
 * A small S3 server in this process: path-style addresses, signatures verified, conditional writes, ranges, multipart uploads
 * and paged listings, in memory. What it adds to a real one is a fault hook, asked before every request.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { S3Bucket, storedObject } from './s3-bucket.js';
import { type Credentials, crc32Base64, payloadOf, S3Failure, verifySignature } from './s3-signature.js';

export type S3RequestKind =
  | 'put'
  | 'get'
  | 'head'
  | 'delete'
  | 'list'
  | 'create-upload'
  | 'put-part'
  | 'complete-upload'
  | 'abort-upload'
  | 'list-uploads';

/**
 * What goes wrong with a request:
 * - `lost-answer` it takes effect, then the connection drops · `dropped` the connection drops, nothing happened
 * - `hang` never answered · `no-etag` answered without the ETag · `no-length` without its length · `plain-range` the Range header is overlooked
 * - `ignore-conditions` If-None-Match is overlooked
 * - a status, before it takes effect or after · a body cut, or stalled, after that many bytes · an answer delayed
 */
export type S3Fault =
  | 'lost-answer'
  | 'dropped'
  | 'hang'
  | 'no-etag'
  | 'no-length'
  | 'plain-range'
  | 'ignore-conditions'
  | { readonly status: 403 | 409 | 412 | 500 | 503; readonly when: 'before' | 'after' }
  | { readonly cutAt: number }
  | { readonly stallAt: number }
  | { readonly delayMs: number };

/** `nth` counts requests of that kind on that key, from 1; a listing's key is its prefix. */
export type S3FaultHook = (kind: S3RequestKind, key: string, nth: number) => S3Fault | undefined;

export interface S3TestServer {
  readonly endpoint: string;
  readonly credentials: Credentials;
  readonly bucket: string;
  /** The bucket's content, to look at behind the client's back. */
  readonly content: S3Bucket;
  /** Requests so far, as `kind key`. */
  readonly log: string[];
  /** Connections open now. */
  connectionCount(): Promise<number>;
  setFaults(hook: S3FaultHook | undefined): void;
  close(): Promise<void>;
}

const FAULT_CODES: Readonly<Record<number, string>> = {
  403: 'AccessDenied',
  409: 'ConditionalRequestConflict',
  412: 'PreconditionFailed',
  500: 'InternalError',
  503: 'SlowDown',
};

const BUCKET = 'test-bucket';

interface Call {
  readonly kind: S3RequestKind;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly fault: S3Fault | undefined;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Starts a server with one empty bucket on a free loopback port. */
export async function startS3Server(): Promise<S3TestServer> {
  const credentials = { accessKeyId: 'TESTACCESSKEY', secretAccessKey: 'test/secret+key' };
  const content = new S3Bucket();
  const log: string[] = [];
  const counts = new Map<string, number>();
  let faults: S3FaultHook | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = await bodyOf(request);
    const call = readCall(request);
    const name = `${call.kind} ${call.key}`;
    log.push(name);
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    const fault = faults?.(call.kind, call.key, nth);
    if (fault === 'hang') return;
    if (fault === 'dropped') return void response.destroy();
    try {
      verifySignature(request, raw, credentials);
      const body = payloadOf(request, raw);
      if (typeof fault === 'object' && 'status' in fault && fault.when === 'before') throw failureOf(fault.status);
      const done = perform(content, { ...call, body, fault });
      if (fault === 'lost-answer') return void response.destroy();
      if (typeof fault === 'object' && 'status' in fault) throw failureOf(fault.status);
      if (typeof fault === 'object' && 'delayMs' in fault) await wait(fault.delayMs);
      send(response, done, fault);
    } catch (error) {
      if (!(error instanceof S3Failure)) throw error;
      const xml = `<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message></Error>`;
      send(response, { status: error.status, body: call.kind === 'head' ? '' : xml }, undefined);
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials,
    bucket: BUCKET,
    content,
    log,
    connectionCount: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    setFaults: (hook) => {
      faults = hook;
      counts.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const failureOf = (status: number): S3Failure => new S3Failure(status, FAULT_CODES[status] ?? 'InternalError');

function readCall(request: IncomingMessage): Omit<Call, 'body' | 'fault'> {
  const url = new URL(request.url ?? '/', 'http://unused');
  const [bucket, ...names] = (request.url ?? '/').split('?', 1)[0]!.slice(1).split('/');
  const query = url.searchParams;
  const path = decodeURIComponent(names.join('/'));
  const kind = bucket === BUCKET ? kindOf(request.method ?? '', path, query) : undefined;
  if (kind === undefined) throw new Error(`the test server knows no ${request.method} ${request.url}`);
  return { kind, key: path === '' ? (query.get('prefix') ?? '') : path, query, headers: request.headers };
}

function kindOf(method: string, path: string, query: URLSearchParams): S3RequestKind | undefined {
  if (path === '') return method === 'GET' ? (query.has('uploads') ? 'list-uploads' : 'list') : undefined;
  if (method === 'POST') return query.has('uploads') ? 'create-upload' : 'complete-upload';
  if (method === 'PUT') return query.has('partNumber') ? 'put-part' : 'put';
  if (method === 'DELETE') return query.has('uploadId') ? 'abort-upload' : 'delete';
  return method === 'GET' ? 'get' : method === 'HEAD' ? 'head' : undefined;
}

function perform(content: S3Bucket, call: Call): Answer {
  switch (call.kind) {
    case 'put':
      return put(content, call);
    case 'get':
    case 'head':
      return get(content, call);
    case 'list':
      return list(content, call);
    case 'delete':
      content.delete(call.key);
      return { status: 204 };
    default:
      return performUpload(content, call);
  }
}

function performUpload(content: S3Bucket, { kind, key, query, body }: Call): Answer {
  const id = query.get('uploadId') ?? '';
  switch (kind) {
    case 'create-upload':
      return xml(
        `<InitiateMultipartUploadResult><UploadId>${content.beginUpload(key)}</UploadId></InitiateMultipartUploadResult>`,
      );
    case 'put-part': {
      const part = storedObject(body);
      content.upload(id).parts.set(Number(query.get('partNumber')), part);
      return { status: 200, headers: { ETag: part.etag, 'x-amz-checksum-crc32': crc32Base64(body) } };
    }
    case 'complete-upload': {
      const parts = [...body.toString().matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part]) => ({
        number: Number(/<PartNumber>(\d+)</.exec(part!)?.[1]),
        etag: unescapeXml(/<ETag>(.*?)</.exec(part!)?.[1] ?? ''),
      }));
      const { etag } = content.completeUpload(id, parts);
      return xml(`<CompleteMultipartUploadResult><ETag>${escapeXml(etag)}</ETag></CompleteMultipartUploadResult>`);
    }
    case 'abort-upload':
      content.upload(id);
      content.uploads.delete(id);
      return { status: 204 };
    default: {
      const found = [...content.uploads].filter(([, upload]) => upload.key.startsWith(query.get('prefix') ?? ''));
      const rows = found.map(
        ([uploadId, upload]) =>
          `<Upload><Key>${escapeXml(upload.key)}</Key><UploadId>${uploadId}</UploadId>` +
          `<Initiated>${upload.initiated.toISOString()}</Initiated></Upload>`,
      );
      return xml(
        `<ListMultipartUploadsResult>${rows.join('')}<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`,
      );
    }
  }
}

function put(content: S3Bucket, { key, headers, body, fault }: Call): Answer {
  const current = content.get(key);
  if (headers['if-none-match'] === '*' && current !== undefined && fault !== 'ignore-conditions') throw failureOf(412);
  const match = headers['if-match'];
  if (match !== undefined && current === undefined) throw new S3Failure(404, 'NoSuchKey');
  if (match !== undefined && match !== current?.etag) throw failureOf(412);
  const object = storedObject(body);
  content.put(key, object);
  return { status: 200, headers: { ETag: object.etag } };
}

function get(content: S3Bucket, { kind, key, headers, fault }: Call): Answer {
  const object = content.get(key);
  if (object === undefined) throw new S3Failure(404, kind === 'head' ? 'NotFound' : 'NoSuchKey');
  if (headers['if-match'] !== undefined && headers['if-match'] !== object.etag) throw failureOf(412);
  const { length } = object.bytes;
  const common = { ETag: object.etag, 'Last-Modified': object.modified.toUTCString(), 'Accept-Ranges': 'bytes' };
  const range = fault === 'plain-range' ? null : /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  if (kind === 'head') return { status: 200, headers: { ...common, 'Content-Length': String(length) } };
  if (range === null) {
    const checksum = { 'x-amz-checksum-crc32': crc32Base64(object.bytes) };
    return { status: 200, headers: { ...common, ...checksum }, body: object.bytes };
  }
  const start = Number(range[1]);
  const end = Math.min(range[2] === '' ? length : Number(range[2]) + 1, length);
  if (start >= length) throw new S3Failure(416, 'InvalidRange');
  const contentRange = `bytes ${start}-${end - 1}/${length}`;
  return {
    status: 206,
    headers: { ...common, 'Content-Range': contentRange },
    body: object.bytes.subarray(start, end),
  };
}

function list(content: S3Bucket, { query, fault }: Call): Answer {
  const token = query.get('continuation-token');
  const page = content.list({
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? undefined,
    after: token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString(),
    limit: Number(query.get('max-keys') ?? 1000),
  });
  const objects = page.objects.map(
    ([key, { bytes, etag, modified }]) =>
      `<Contents><Key>${escapeXml(key)}</Key><Size>${bytes.length}</Size>` +
      `${fault === 'no-etag' ? '' : `<ETag>${escapeXml(etag)}</ETag>`}<LastModified>${modified.toISOString()}</LastModified></Contents>`,
  );
  const prefixes = page.prefixes.map((p) => `<CommonPrefixes><Prefix>${escapeXml(p)}</Prefix></CommonPrefixes>`);
  const next = page.next === undefined ? '' : Buffer.from(page.next).toString('base64url');
  return xml(
    `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${objects.join('')}${prefixes.join('')}` +
      `${next === '' ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`}</ListBucketResult>`,
  );
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer, fault: S3Fault | undefined): void {
  const bytes = Buffer.from(body);
  const kept = Object.entries(headers).filter(([name]) => !(fault === 'no-etag' && name === 'ETag'));
  const length = fault === 'no-length' ? {} : { 'Content-Length': String(bytes.length) };
  response.writeHead(status, { ...length, ...Object.fromEntries(kept) });
  if (typeof fault === 'object' && 'cutAt' in fault) {
    // The head promises all of it; what is written goes out, then the connection ends.
    response.write(bytes.subarray(0, fault.cutAt), () => response.socket?.destroySoon());
    return;
  }
  if (typeof fault === 'object' && 'stallAt' in fault) return void response.write(bytes.subarray(0, fault.stallAt));
  response.end(bytes);
}

function xml(text: string): Answer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${text}`,
  };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|apos);/g, (e) => Object.keys(ENTITIES).find((c) => ENTITIES[c] === e)!);
}
