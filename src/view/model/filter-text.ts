/**
 * What the user types into the filter line, as a RegExp source for Selection.grep. Plain text is matched literally;
 * text that begins with a slash is a regular expression, with or without a closing slash.
 */

export type ParsedFilter = { grep: string | null; error: null } | { grep: null; error: string };

export function parseFilter(text: string): ParsedFilter {
  if (text.trim() === '' || text === '/') return { grep: null, error: null };
  if (!text.startsWith('/')) return { grep: escapeRegExp(text.trim()), error: null };
  const source = text.slice(1).replace(/(?<!\\)\/$/, '');
  if (source === '') return { grep: null, error: null };
  try {
    // As the ranking compiles it.
    ''.search(new RegExp(source, 'i'));
    return { grep: source, error: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : 'not understood';
    return { grep: null, error: `not a regular expression: ${reason.toLowerCase()}` };
  }
}

/** The text that parseFilter() turns into this source. */
export function filterTextOf(grep: string | null): string {
  if (grep === null) return '';
  const plain = grep.replace(/\\([\\^$.*+?()[\]{}|/-])/g, '$1');
  return escapeRegExp(plain) === grep && !plain.startsWith('/') && plain === plain.trim() ? plain : `/${grep}`;
}

/** Source of an expression that only this name matches. */
export function exactName(name: string): string {
  return `^${escapeRegExp(name)}$`;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
