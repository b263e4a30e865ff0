/** Analyzer numbers of the kernel (`wasm/analyzers.ts`) by the names of the configuration. */
export const ANALYZERS = { standard: 0, simple: 1, whitespace: 2, keyword: 3 } as const;

export type AnalyzerName = keyof typeof ANALYZERS;
