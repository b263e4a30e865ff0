// The export list is the ABI; nothing is defined here.
export { ABI_VERSION } from './abi';
export { ANALYZER_KEYWORD, ANALYZER_SIMPLE, ANALYZER_STANDARD, ANALYZER_WHITESPACE } from './analyzers';
export { alloc, mark, release, reset, used } from './arena';
export { encodeColumn } from './column';
export { deflateBlocks, deflatedLengths } from './deflate';
export { encodeTerms, termIndex, termIndexLength } from './dictionary';
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
  occurrences,
  occurrencesLength,
  positionBits,
  samples,
} from './field';
export { decodeLz4 } from './lz4';
export {
  addShardInput,
  addStoredInput,
  beginMerge,
  mergedDocFreq,
  mergedEntries,
  mergedEntriesLength,
  mergedTerms,
  mergedTotalTermFreq,
  runMerge,
} from './merge';
export { addOrdinals, beginOrdinals, finishOrdinals } from './ordinals';
export { outPos, outStart } from './out';
export { byteData, byteEnd, byteInvalid, byteLongest, byteOffsets } from './page-bytes';
export { listNulls, listStarts, listValidity } from './page-lists';
export { numberValues } from './page-numbers';
export { slotCount, slotNulls, slotValidity } from './page-slots';
export { addPage, addPageDictionary, beginListPages, beginPages, finishPages, pageInput } from './pages';
export { decodeSnappy } from './snappy';
export { addStored, beginStored, STORED_COLUMN, storedLengths } from './stored';
export { termCount } from './terms';
export { reserveTokens, tokenBuffer, tokenize, wordBreaks } from './tokenize';
export { validateUtf8 } from './utf8';
