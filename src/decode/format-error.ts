/**
 * The header of a stream or recording cannot be read by this build. The message is neutral (fact,
 * value, expectation); the caller, who knows the file's name and the user's aim, adds advice.
 */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
