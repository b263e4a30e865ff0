/** No library: a Map from token to a plain array of document, position, document, position .. for each field. */
import { tokenize } from '../documents.mjs';

export const version = process.versions.node;
export const notes = 'positions, lengths, keyword lists and numbers in arrays, without frequencies of their own';

export function build(documents) {
  const index = {
    ids: [],
    texts: { name: new Map(), summary: new Map() },
    lengths: { name: new Uint32Array(documents.length), summary: new Uint32Array(documents.length) },
    keywords: { keywords: new Map(), version: new Map() },
    downloads: new Float64Array(documents.length).fill(Number.NaN),
  };
  for (let doc = 0; doc < documents.length; doc++) {
    const { package: id, name, summary, keywords, version: of, downloads } = documents[doc];
    index.ids.push(id);
    addText(index, 'name', doc, name);
    addText(index, 'summary', doc, summary);
    for (const keyword of keywords ?? []) if (keyword !== null) listOf(index.keywords.keywords, keyword).push(doc);
    if (of !== null) listOf(index.keywords.version, of).push(doc);
    if (downloads !== null) index.downloads[doc] = downloads;
  }
  return index;
}

function addText(index, field, doc, text) {
  if (text === null) return;
  const tokens = tokenize(text);
  const lists = index.texts[field];
  for (let position = 0; position < tokens.length; position++) listOf(lists, tokens[position]).push(doc, position);
  index.lengths[field][doc] = tokens.length;
}

function listOf(lists, token) {
  let list = lists.get(token);
  if (list === undefined) {
    list = [];
    lists.set(token, list);
  }
  return list;
}

export function tokens(index, field) {
  return index.lengths[field].reduce((a, b) => a + b, 0);
}

export function terms(index, field) {
  return index.texts[field].size;
}

export function docFreq(index, field, word) {
  const list = index.texts[field].get(word) ?? [];
  return new Set(list.filter((_, i) => i % 2 === 0)).size;
}
