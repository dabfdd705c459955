/**
 * How many cases a test runs. `npm test` runs a few, which is enough to see a change go wrong and
 * keeps it below five minutes; `npm run test:long` runs the same test with all of them (ALL_CASES
 * in test/vitest.config.ts).
 */
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by each project of test/vitest.config.ts. */
    allCases: boolean;
  }
}

export function cases(few: number, all: number): number {
  return inject('allCases') ? all : few;
}

/** The seeds from `first` on, as many as cases() says. */
export function seeds(few: number, all: number, first = 1): number[] {
  return Array.from({ length: cases(few, all) }, (_, i) => first + i);
}
