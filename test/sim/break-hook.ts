/** A module loader that breaks one compiled file as it is loaded. It runs in a thread of its own, before the broken program starts. */
import type { InitializeHook, LoadHook } from 'node:module';
import type { Breakage } from './breakages.js';

let breakage: Breakage;

export const initialize: InitializeHook<Breakage> = (data) => {
  breakage = data;
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith(`/dist/${breakage.file}`)) return loaded;
  const source = String(loaded.source);
  const parts = source.split(breakage.fragment);
  if (parts.length !== 2) throw new Error(`${breakage.file} holds the fragment ${parts.length - 1} times`);
  return { ...loaded, source: parts.join(breakage.replacement) };
};
