/** The start of a trace, step by step: what a collector reports of it, and the words for the user. */

/** In the order in which they are done. */
export const START_STEPS = ['rights', 'types', 'programs', 'hooks', 'symbols', 'events'] as const;
export type StartStepName = (typeof START_STEPS)[number];

/** The step that is being done. */
export interface StartStep {
  name: StartStepName;
  /** Parts of the step that are done, or begun. */
  done: number;
  /** Parts of the step; 0 = it has none, or their number is not known. */
  of: number;
  /** What the trace will lack, in the collector's own words, untrusted; absent where nothing is known to lack. */
  notes?: readonly string[];
  /** What a command must be started with, by names of variables; absent where nothing is needed. */
  environment?: Readonly<Record<string, string>>;
}

export const FIRST_STEP: StartStep = { name: 'rights', done: 0, of: 0 };

/** Returns the step in a line "step NAME DONE OF"; null if the line is none. */
export function parseStep(line: string): StartStep | null {
  const match = /^step (\w+) (\d{1,9}) (\d{1,9})$/.exec(line);
  const name = START_STEPS.find((each) => each === match?.[1]);
  return match === null || name === undefined ? null : { name, done: Number(match[2]), of: Number(match[3]) };
}

/** Returns the text of a line "note TEXT"; null if the line is none. */
function parseNote(line: string): string | null {
  return line.startsWith('note ') ? line.slice(5) : null;
}

/** Variables that a collector may ask for: others would be those of a program that is not ours. */
const VARIABLES: readonly string[] = ['LD_PRELOAD', 'UNFREED_HEAP'];

/** Returns the variable and its value in a line "environment NAME VALUE"; null if the line is none. */
function parseVariable(line: string): readonly [name: string, value: string] | null {
  const [word, name, ...value] = line.split(' ');
  return word === 'environment' && VARIABLES.includes(name) ? [name, value.join(' ')] : null;
}

/**
 * Takes the lines of steps, notes and variables out of a collector's stderr, so that its last words stay those of an error. A note
 * comes with its step once more; those of an earlier `programs` are forgotten.
 */
export class StepLines {
  private readonly onStep: (step: StartStep) => void;
  private step = FIRST_STEP;
  private notes: readonly string[] = [];
  private environment: Readonly<Record<string, string>> | null = null;
  /** The beginning of a line that may be a step. */
  private pending = '';

  constructor(onStep: (step: StartStep) => void) {
    this.onStep = onStep;
  }

  /** Returns the text without its steps. The unfinished end of a line that may be a step is held back. */
  push(text: string): string {
    let rest = '';
    const lines = (this.pending + text).split('\n');
    this.pending = lines.pop() ?? '';
    for (const line of lines) {
      const step = parseStep(line);
      const note = parseNote(line);
      const variable = parseVariable(line);
      if (variable !== null) this.environment = { ...this.environment, [variable[0]]: variable[1] };
      else if (step !== null) this.report(step, step.name === 'programs' ? [] : this.notes);
      else if (note !== null) this.report(this.step, [...this.notes, note].slice(0, MOST_NOTES));
      else rest += `${line}\n`;
    }
    return rest + (mayBeOurs(this.pending) ? '' : this.end());
  }

  /** Returns what was held back; must be called at the end of the text. */
  end(): string {
    const text = this.pending;
    this.pending = '';
    return text;
  }

  private report(step: StartStep, notes: readonly string[]): void {
    this.step = step;
    this.notes = notes;
    const { environment } = this;
    this.onStep({ ...step, ...(notes.length > 0 && { notes }), ...(environment !== null && { environment }) });
  }
}

/** The longest lines are shorter: what is longer is passed on. */
const LONGEST_STEP = 40;
const LONGEST_NOTE = 1000;
/** A path and a list of others. */
const LONGEST_VARIABLE = 10_000;
/** The collector has a few kinds of notes. */
const MOST_NOTES = 32;

function mayBeOurs(text: string): boolean {
  const begins = (word: string): boolean => word.startsWith(text.slice(0, word.length));
  if (text.length <= LONGEST_STEP && begins('step ')) return true;
  return (
    (text.length <= LONGEST_NOTE && begins('note ')) || (text.length <= LONGEST_VARIABLE && begins('environment '))
  );
}

/** What is being done, for one line of progress: "attaching 14 hooks, 6 so far". */
export function stepText({ name, done, of }: StartStep): string {
  if (name === 'programs') return of === 0 ? 'loading programs' : `loading ${of} programs`;
  if (name === 'hooks') return of === 0 ? 'attaching hooks' : `attaching ${of} hooks, ${done} so far`;
  return WORDS[name];
}

const WORDS: Readonly<Record<Exclude<StartStepName, 'programs' | 'hooks'>, string>> = {
  rights: 'checking rights',
  types: "reading the kernel's types",
  symbols: 'reading symbols',
  events: 'waiting for the first event',
};

/** A step on the screen: done, being done, or still to come. */
export interface ShownStep {
  mark: '✓' | '▸' | '·';
  text: string;
}

/** What the screen shows as one step: its words, and the steps that belong to it. */
const SHOWN: readonly { text: string; of: readonly StartStepName[] }[] = [
  { text: 'rights, kernel types', of: ['rights', 'types'] },
  { text: 'programs', of: ['programs', 'hooks'] },
  { text: 'symbols', of: ['symbols'] },
  { text: 'first event', of: ['events'] },
];

/** Returns all steps of a start, as the screen shows them while `step` is being done. */
export function shownSteps(step: StartStep): ShownStep[] {
  const at = SHOWN.findIndex(({ of }) => of.includes(step.name));
  return SHOWN.map(({ text }, index) => {
    if (index < at) return { mark: '✓', text };
    if (index > at) return { mark: '·', text };
    const done = step.name === 'programs' ? 0 : step.done;
    return { mark: '▸', text: step.of === 0 ? text : `${text} ${done} of ${step.of}` };
  });
}
