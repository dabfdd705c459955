/**
 * Characters that JSON leaves as they are but a terminal or editor obeys: DEL and C1 controls,
 * format and bidi characters.
 */
const ACTED_ON = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * JSON.stringify with an indent of two spaces, with those characters written as escapes. Every JSON
 * reader gets the same value back.
 */
export function safeJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    ACTED_ON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
