/** From what the schema found to sentences: path, value, what would be right. */
import type { z } from 'zod';
import { configJsonSchema, type JsonSchemaNode } from './json-schema.js';

type Issue = z.core.$ZodIssue;

/** Spells a path for people: `trigger.every`, or the flag it came from. */
export type PathNames = (path: readonly PropertyKey[]) => string;

/** `indexes.0.source.uri` */
export const dottedPath: PathNames = (path) => (path.length === 0 ? 'the configuration' : path.map(String).join('.'));

/** One sentence per mistake. `raw` is the value that was checked. */
export function explainIssues(issues: readonly Issue[], raw: unknown, names: PathNames): string[] {
  return issues.flatMap((issue) => explain(issue, raw, issue.path, names));
}

function explain(issue: Issue, raw: unknown, path: readonly PropertyKey[], names: PathNames): string[] {
  const value = valueAt(raw, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => explainKey(key, path, names));
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find((errors) => errors.some((inner) => isInside(inner, value)));
    if (branch !== undefined) return branch.flatMap((inner) => explain(inner, raw, [...path, ...inner.path], names));
  }
  if (value === undefined || value === null) return [`${names(path)} is missing; it is ${issue.message}`];
  return [`${names(path)}: ${show(value)} is not ${issue.message}`];
}

/** Whether a union's branch got past the outer shape of a block: then its mistakes are the ones to tell. */
function isInside(issue: Issue, value: unknown): boolean {
  return typeof value === 'object' && value !== null && (issue.path.length > 0 || issue.code === 'unrecognized_keys');
}

function explainKey(key: string, path: readonly PropertyKey[], names: PathNames): string {
  const known = knownKeys(path);
  const nearest = nearestWord(key, known);
  const right = nearest === undefined ? `the keys here are ${known.join(', ')}` : `did you mean ${nearest}?`;
  return `${names([...path, key])} is no key; ${right}`;
}

/** Keys that may stand at a path, from the JSON Schema. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let nodes: JsonSchemaNode[] = [configJsonSchema()];
  for (const step of path) {
    nodes = nodes.flatMap(alternatives).flatMap((node) => {
      const next =
        typeof step === 'number' ? node.items : (node.properties?.[String(step)] ?? node.additionalProperties);
      return typeof next === 'object' ? [next] : [];
    });
  }
  return nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {}));
}

const alternatives = (node: JsonSchemaNode): readonly JsonSchemaNode[] => node.anyOf ?? [node];

/** Two slips of the finger at most: three turn `text` into `test` but `url` into anything. */
const MAX_SLIPS = 2;

/** The known word that is nearest by edit distance, letters' case apart; undefined where none is near. */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, slips: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, slips }) => slips <= MAX_SLIPS && slips < candidate.length)
    .sort((a, b) => a.slips - b.slips);
  return ranked[0]?.candidate;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    raw,
  );
}

/** A value in a message is for recognising it, not for reading it all. */
const MAX_SHOWN_CHARS = 60;

function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  const masked = text.replace(/\/\/[^/@\s]*@/, '//***@'); // credentials in an address are never repeated
  return masked.length > MAX_SHOWN_CHARS ? `${masked.slice(0, MAX_SHOWN_CHARS)}..` : masked;
}
