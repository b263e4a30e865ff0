/** lunr, by its documentation: no stemmer and no stop words in the pipeline, positions kept as metadata. */
import lunr from 'lunr';
import { tokenize, versionOf } from '../documents.mjs';

/** Beyond this a build takes minutes. */
export const docLimit = 20_000;
export const version = versionOf('lunr');
export const notes = 'first 20,000 documents only; positions are offsets of characters; numbers are not indexed';

export function build(documents) {
  const builder = new lunr.Builder();
  builder.ref('package');
  builder.metadataWhitelist = ['position'];
  for (const field of ['name', 'summary', 'keywords']) builder.field(field);
  builder.field('version', { extractor: ({ version: of }) => [of].filter((value) => value !== null) });
  builder.tokenizer = tokens;
  for (const document of documents) builder.add(document);
  return { index: builder.build(), inverted: builder.invertedIndex };
}

/** A list is a list of exact values, as lunr itself takes it. */
function tokens(value, metadata) {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((part, i) => new lunr.Token(String(part), { ...metadata, index: i }));
  let at = 0;
  const lower = String(value).toLowerCase();
  return tokenize(lower).map((word, i) => {
    const start = lower.indexOf(word, at);
    at = start + word.length;
    return new lunr.Token(word, { ...metadata, position: [start, word.length], index: i });
  });
}

export function docFreq({ inverted }, field, word) {
  return Object.keys(inverted[word]?.[field] ?? {}).length;
}

export function serializedLength({ index }) {
  return JSON.stringify(index).length;
}
