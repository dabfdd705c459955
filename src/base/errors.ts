/**
 * A failure that is expected: printed without a stack. The exit code is 1, 2 for wrong usage, 3
 * when a condition that the user set (`failed`) is not met. `nextSteps` say what the user can do
 * about it.
 */
export class UserError extends Error {
  readonly nextSteps: string[];
  readonly exitCode: 1 | 2 | 3;

  constructor(
    message: string,
    nextSteps: string[] = [],
    options: { cause?: unknown; usage?: boolean; failed?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UserError';
    this.nextSteps = nextSteps;
    this.exitCode = options.usage === true ? 2 : options.failed === true ? 3 : 1;
  }
}

/** The command did what it was asked to, and its exit code is its answer: nothing more is printed. */
export class ExitAnswer extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.name = 'ExitAnswer';
    this.exitCode = exitCode;
  }
}

/** An invariant of this program is broken: shown with its stack, exit code 70. */
export class BugError extends Error {
  override readonly name = 'BugError';
}
