import type { Selection } from '../report/selection.js';

/** A Selection with its regular expressions compiled. */
export interface CompiledSelection {
  selection: Selection;
  grep: RegExp | null;
  hide: RegExp | null;
}

export type SelectionResult = { ok: CompiledSelection; error: null } | { ok: null; error: string };

/** `error` states which text is not a regular expression and why. An empty text is the same as null. */
export function compileSelection(selection: Selection): SelectionResult {
  let grep: RegExp | null = null;
  let hide: RegExp | null = null;
  for (const name of ['grep', 'hide'] as const) {
    const source = selection[name];
    if (source === null || source === '') continue;
    try {
      const compiled = new RegExp(source, 'i');
      if (name === 'grep') grep = compiled;
      else hide = compiled;
    } catch (error) {
      const reason =
        error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
      return { ok: null, error: `${name} is not a regular expression: ${reason}` };
    }
  }
  return { ok: { selection, grep, hide }, error: null };
}

/**
 * Returns the Selection in its compiled form. Throws an Error if grep or hide is not a regular
 * expression.
 */
export function compiledOf(selection: Selection | CompiledSelection): CompiledSelection {
  if ('selection' in selection) return selection;
  const result = compileSelection(selection);
  if (result.ok === null) throw new Error(result.error);
  return result.ok;
}
