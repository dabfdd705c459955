/**
 * Characters that are not drawn but act: controls, also C1 and DEL, format characters (bidi
 * overrides and isolates, zero width, soft hyphen, byte order mark, tags), variation selectors,
 * fillers, line separators, lone surrogates, private use. A terminal, an editor, a browser or a
 * viewer of profiles obeys or hides them, so that a name looks like another one.
 *
 * This one class serves every format that is no text for a terminal; safe-text.ts refuses more.
 */
const CLASS = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]`;
const HIDDEN = new RegExp(CLASS, 'gu');
/** All but printable ASCII and the line end, the only control that JSON contains as itself. */
const MAY_HIDE = /[^\n\x20-\x7e]/;

/** Returns the text with `replacement` in place of every hidden character. */
export function replaceHidden(text: string, replacement: string): string {
  return MAY_HIDE.test(text) || text.includes('\n') ? text.replaceAll(HIDDEN, replacement) : text;
}

/** Returns JSON with hidden characters as escapes, except line ends, which are its layout. */
export function escapeHidden(json: string): string {
  return MAY_HIDE.test(json)
    ? json.replaceAll(HIDDEN, (character) => (character === '\n' ? '\n' : escaped(character)))
    : json;
}

/** Escapes name UTF-16 units: a character beyond U+FFFF takes two. */
function escaped(character: string): string {
  let text = '';
  for (let i = 0; i < character.length; i++) text += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
}
