/** Sentences of libraries begin with a capital letter; inside ours they go on after a colon. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
