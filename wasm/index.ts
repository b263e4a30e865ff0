// The export list is the ABI; nothing is defined here.
export { ABI_VERSION } from './abi';
export { ANALYZER_KEYWORD, ANALYZER_SIMPLE, ANALYZER_STANDARD, ANALYZER_WHITESPACE } from './analyzers';
export { alloc, mark, release, reset, used } from './arena';
export { encodeColumn } from './column';
export { deflateBlocks, deflatedLengths } from './deflate';
export { decodeTerms, encodeTerms, termIndex, termIndexLength } from './dictionary';
export { SAMPLE_EVERY } from './entries';
export {
  addLists,
  addMissing,
  addValues,
  beginField,
  EXACT,
  entries,
  entriesLength,
  fieldDocCount,
  fieldNorms,
  finishField,
  maxLength,
  samples,
  sumDocFreq,
  sumTotalTermFreq,
} from './field';
export {
  addInput,
  beginMerge,
  mergedDocFreq,
  mergedEntries,
  mergedEntriesLength,
  mergedTerms,
  mergedTotalTermFreq,
  runMerge,
} from './merge';
export { addOrdinals, beginOrdinals, finishOrdinals, placeOrdinals } from './ordinals';
export { outPos, outStart } from './out';
export { addStored, beginStored, STORED_COLUMN, storedLengths } from './stored';
export { termCount } from './terms';
export { reserveTokens, tokenBuffer, tokenize, wordBreaks } from './tokenize';
export { validateUtf8 } from './utf8';
