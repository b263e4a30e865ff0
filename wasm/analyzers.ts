// The analyzers by number, as schema and segment store them: a number never changes its meaning.

/** Word boundaries of UAX #29 as Lucene's StandardAnalyzer (no stop words) draws them; lower-cased. */
export const ANALYZER_STANDARD: u32 = 0;
/** Runs of letters and digits (Unicode categories L and N); lower-cased. */
export const ANALYZER_SIMPLE: u32 = 1;
/** Runs of anything but white space (Java's, so the no-break spaces do not separate); as they are. */
export const ANALYZER_WHITESPACE: u32 = 2;
/** The whole value as it is, an empty one included. */
export const ANALYZER_KEYWORD: u32 = 3;
