/** Orama, by its documentation: `insertMultiple` in batches, sorting off where it is not used, enum fields for exact values. */
import { create, insertMultiple, save } from '@orama/orama';
import { tokenize, versionOf } from '../documents.mjs';

/** Beyond this a build takes minutes. */
export const docLimit = 20_000;
export const version = versionOf('@orama/orama');
export const notes =
  'first 20,000 documents only; no positions; a token counts once a text, as with its own tokenizer; keeps the documents';

export async function build(documents) {
  const index = create({
    schema: { name: 'string', summary: 'string', keywords: 'enum[]', version: 'enum', downloads: 'number' },
    sort: { enabled: false },
    components: {
      tokenizer: {
        language: 'english',
        normalizationCache: new Map(),
        tokenize: (text) => [...new Set(tokenize(String(text)))],
      },
    },
  });
  const records = documents.map(({ package: id, name, summary, keywords, version: of, downloads }) => ({
    id,
    // A field without a value is left out.
    ...(name === null ? {} : { name }),
    ...(summary === null ? {} : { summary }),
    ...(keywords === null ? {} : { keywords }),
    ...(of === null ? {} : { version: of }),
    ...(downloads === null ? {} : { downloads }),
  }));
  await insertMultiple(index, records, records.length);
  return index;
}

export function docFreq(index, field, word) {
  return index.data.index.tokenOccurrences[field][word] ?? 0;
}

export function terms(index, field) {
  return Object.keys(index.data.index.tokenOccurrences[field]).length;
}

export function serializedLength(index) {
  return JSON.stringify(save(index)).length;
}
