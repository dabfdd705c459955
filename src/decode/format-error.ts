/**
 * The header of a stream or recording says that we cannot read it. The message is neutral (fact, value, expectation);
 * whoever knows the file's name and the user's aim adds the advice.
 */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
