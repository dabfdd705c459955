/** Expected failure: printed without a stack, exit 1 (2 for wrong usage, 3 for what the user asked to fail by). `nextSteps` tell the user what to do. */
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

/** An invariant of ours broke: shown with its stack, exit 70. */
export class BugError extends Error {
  override readonly name = 'BugError';
}
