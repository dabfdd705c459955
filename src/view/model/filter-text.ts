/**
 * Converts between the text of the filter line and the RegExp source in Selection.grep. Plain text is matched literally;
 * text that begins with a slash is a regular expression, with or without a closing slash.
 */

export type ParsedFilter = { grep: string | null; error: null } | { grep: null; error: string };

/** The RegExp source of a filter text, null for an empty one; or why it is no regular expression. */
export function parseFilter(text: string): ParsedFilter {
  if (text.trim() === '' || text === '/') return { grep: null, error: null };
  if (!text.startsWith('/')) return { grep: escapeRegExp(text.trim()), error: null };
  const source = text.slice(1).replace(/(?<!\\)\/$/, '');
  if (source === '') return { grep: null, error: null };
  try {
    // The ranking compiles it with the same flag.
    ''.search(new RegExp(source, 'i'));
    return { grep: source, error: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : 'not understood';
    return { grep: null, error: `not a regular expression: ${reason.toLowerCase()}` };
  }
}

/** The filter text that parseFilter() turns into this source; '' for null. */
export function filterTextOf(grep: string | null): string {
  if (grep === null) return '';
  const plain = grep.replace(/\\([\\^$.*+?()[\]{}|/-])/g, '$1');
  return escapeRegExp(plain) === grep && !plain.startsWith('/') && plain === plain.trim() ? plain : `/${grep}`;
}

/** RegExp source that matches this name alone. */
export function exactName(name: string): string {
  return `^${escapeRegExp(name)}$`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
