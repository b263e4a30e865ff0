/**
 * FlexSearch, by its documentation: numeric ids ("it is recommended to use numeric id values"), the tokenizer `strict`, the leanest and
 * fastest one, no store, no fast updates, which cost memory, and no context search.
 */
import { Document } from 'flexsearch';
import { tokenize, versionOf } from '../documents.mjs';

export const version = versionOf('flexsearch');
export const notes =
  'no positions and no frequencies, a score slot instead; keywords are tags; numbers are not indexed';

export function build(documents) {
  const text = { tokenize: 'strict', encode: tokenize, fastupdate: false };
  const index = new Document({
    document: {
      id: 'id',
      store: false,
      index: [
        { field: 'name', ...text },
        { field: 'summary', ...text },
      ],
      tag: [{ field: 'keywords' }, { field: 'version' }],
    },
  });
  const ids = [];
  for (let id = 0; id < documents.length; id++) {
    const { package: key, name, summary, keywords, version: of } = documents[id];
    ids.push(key);
    index.add({ id, name: name ?? '', summary: summary ?? '', keywords: keywords ?? [], version: of ?? '' });
  }
  return { index, ids };
}

export function terms({ index }, field) {
  return index.index.get(field).map.size;
}

export function docFreq({ index, ids }, field, word) {
  const [found] = index.search(word, { index: field, limit: ids.length });
  return found?.result.length ?? 0;
}

export function serializedLength({ index, ids }) {
  let length = JSON.stringify(ids).length;
  index.export((_key, data) => {
    length += data?.length ?? 0;
  });
  return length;
}
