/** MiniSearch, by its documentation: `addAll` on a fresh index; no stored fields, terms as they are cut. */
import MiniSearch from 'minisearch';
import { tokenize, versionOf } from '../documents.mjs';

export const version = versionOf('minisearch');
export const notes = 'no positions; keywords are indexed as terms; numbers are not indexed';

/** A character that no keyword holds. */
const BETWEEN = '\0';

export function build(documents) {
  const index = new MiniSearch({
    idField: 'package',
    fields: ['name', 'summary', 'keywords', 'version'],
    extractField: (document, field) => (field === 'keywords' ? document.keywords?.join(BETWEEN) : document[field]),
    tokenize: (text, field) => {
      if (field === 'version') return [text];
      return field === 'keywords' ? text.split(BETWEEN) : tokenize(text);
    },
    // Lower-casing is in the tokenizer.
    processTerm: (term) => term,
  });
  index.addAll(documents);
  return index;
}

export function docFreq(index, field, word) {
  return index.search(word, { fields: [field], tokenize: (text) => [text] }).length;
}

export function serializedLength(index) {
  return JSON.stringify(index).length;
}
