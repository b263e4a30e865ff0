/**
 * Paged listing of a directory tree in key order, descending lazily: a directory is read only if a key that was asked for
 * may lie in it.
 *
 * A directory stands in its parent's order as `name/`, so that the walk meets keys in the order of their UTF-8 bytes
 * ("a.b" < "a/b" < "a0"). All keys below `dir/` compare with any text that does not start with `dir/` exactly as `dir/`
 * itself does: that is what allows whole directories to be passed over unread.
 */
import { compareKeys } from '../base/key-order.js';
import type { ListOptions, ObjectInfo } from './store.js';

/** A name in a directory. */
export interface TreeEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/** What the walk needs of a file system; keys are relative to the root, directories '' or ending in `/`. */
export interface FileTree {
  /** Visible entries in any order; none where there is no such directory. */
  readDirectory(directory: string): Promise<readonly TreeEntry[]>;
  /** Undefined where the file is gone by now. */
  stat(key: string): Promise<ObjectInfo | undefined>;
}

/** A page without its date. */
export interface TreePage {
  readonly objects: readonly ObjectInfo[];
  readonly prefixes: readonly string[];
  readonly next: string | undefined;
}

/** As on S3: a page never holds more, whatever `limit` says. */
const MAX_PAGE = 1_000;

/** Files asked for their size at once: more than the four threads of node's pool only deepens its queue. */
const STAT_BATCH = 16;

/** Where a page begins: behind this key, or behind all keys of this folder. */
interface Position {
  readonly after: string;
  readonly isFolder: boolean;
}

/** An object's key, or a folded prefix (ends in `/`). */
type Found = { readonly key: string } | { readonly folder: string };

/** Lists one page. An empty directory that somebody else made is told as a prefix: looking inside each would cost a read each. */
export async function listTree(tree: FileTree, options: ListOptions): Promise<TreePage> {
  const home = options.prefix.slice(0, options.prefix.lastIndexOf('/') + 1);
  if (!isPlainFolder(home)) return { objects: [], prefixes: [], next: undefined };
  const limit = Math.max(1, Math.min(options.limit ?? MAX_PAGE, MAX_PAGE));
  const objects: ObjectInfo[] = [];
  const prefixes: string[] = [];
  const walk = visit(tree, options, startOf(options), home);
  let last: Found | undefined;
  for (;;) {
    const wanted = limit - objects.length - prefixes.length;
    // One more than fits tells whether there is a next page.
    const { found, isEnd } = await takeSome(walk, Math.min(wanted === 0 ? 1 : wanted, STAT_BATCH));
    options.signal?.throwIfAborted();
    if (wanted === 0) return { objects, prefixes, next: found.length === 0 ? undefined : tokenOf(last) };
    const infos = await Promise.all(found.map((entry) => ('key' in entry ? tree.stat(entry.key) : undefined)));
    for (const [i, entry] of found.entries()) {
      const info = infos[i];
      if ('folder' in entry) prefixes.push(entry.folder);
      else if (info !== undefined) objects.push(info);
    }
    last = found.at(-1) ?? last;
    if (isEnd) return { objects, prefixes, next: undefined };
  }
}

/** No key has an empty segment, `.` or `..`: a prefix that has matches nothing, and must not lead out of the root. */
function isPlainFolder(folder: string): boolean {
  const names = folder === '' ? [] : folder.slice(0, -1).split('/');
  return names.every((name) => name !== '' && name !== '.' && name !== '..' && !name.includes('\0'));
}

async function takeSome(walk: AsyncGenerator<Found>, count: number): Promise<{ found: Found[]; isEnd: boolean }> {
  const found: Found[] = [];
  while (found.length < count) {
    const step = await walk.next();
    if (step.done) return { found, isEnd: true };
    found.push(step.value);
  }
  return { found, isEnd: false };
}

/** All that lies in a directory and was asked for, in key order. */
async function* visit(tree: FileTree, options: ListOptions, start: Position, directory: string): AsyncGenerator<Found> {
  const { prefix, delimiter, signal } = options;
  signal?.throwIfAborted();
  const wanted: string[] = [];
  for (const entry of await tree.readDirectory(directory)) {
    const path = directory + entry.name + (entry.isDirectory ? '/' : '');
    if (entry.isDirectory ? mayHold(path, prefix, start) : isAsked(path, prefix, start)) wanted.push(path);
  }
  for (const path of wanted.sort(compareKeys)) {
    if (!path.endsWith('/')) {
      yield { key: path };
    } else if (delimiter === undefined || path.length <= prefix.length) {
      yield* visit(tree, options, start, path);
    } else if (!start.after.startsWith(path) || (await hasKeys(tree, options, start, path))) {
      yield { folder: path };
    }
  }
}

const isAsked = (key: string, prefix: string, start: Position): boolean =>
  key.startsWith(prefix) && compareKeys(key, start.after) > 0;

function mayHold(folder: string, prefix: string, start: Position): boolean {
  if (!folder.startsWith(prefix) && !prefix.startsWith(folder)) return false;
  if (start.after.startsWith(folder)) return !(start.isFolder && start.after === folder);
  return compareKeys(folder, start.after) > 0;
}

/** Whether a folder that the start lies in holds a key behind it. */
async function hasKeys(tree: FileTree, options: ListOptions, start: Position, folder: string): Promise<boolean> {
  const { delimiter: _, ...flat } = options;
  const first = await visit(tree, flat, start, folder).next();
  return first.done !== true;
}

function startOf(options: ListOptions): Position {
  if (options.token === undefined) return { after: options.startAfter ?? '', isFolder: false };
  return { after: options.token.slice(1), isFolder: options.token.startsWith('f') };
}

/** `k` and the last key, or `f` and the last folder. */
function tokenOf(last: Found | undefined): string | undefined {
  if (last === undefined) return undefined;
  return 'key' in last ? `k${last.key}` : `f${last.folder}`;
}
