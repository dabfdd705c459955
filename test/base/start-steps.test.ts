import { describe, expect, it } from 'vitest';
import { FIRST_STEP, parseStep, type StartStep, StepLines, shownSteps, stepText } from '../../src/base/start-steps.js';

const step = (name: StartStep['name'], done = 0, of = 0): StartStep => ({ name, done, of });

describe('a line of a step', () => {
  it('is read', () => {
    expect(parseStep('step hooks 3 14')).toEqual(step('hooks', 3, 14));
    expect(parseStep('step types 0 0')).toEqual(step('types'));
  });

  it.each([
    '',
    'step',
    'step hooks',
    'step hooks 3',
    'step nonsense 1 2',
    'step hooks -1 2',
    'step hooks 1 2 3',
    'a step hooks 1 2',
  ])('is not: %j', (line) => expect(parseStep(line)).toBeNull());
});

describe('StepLines', () => {
  const TEXT = 'step types 0 0\nunfreed-collect: no memory\nstep hooks 1 2\nstep by step\nstep';

  it('takes the steps out and leaves every other character, wherever the text is cut', () => {
    for (let at = 0; at <= TEXT.length; at++) {
      expect(take(TEXT.slice(0, at), TEXT.slice(at))).toEqual({
        text: 'unfreed-collect: no memory\nstep by step\nstep',
        steps: [step('types'), step('hooks', 1, 2)],
      });
    }
    expect(take(...TEXT.split('')).steps).toHaveLength(2);
  });

  it('takes out what a command must be started with, and reports it with each step from then on', () => {
    const text =
      'environment LD_PRELOAD /a b.so:c.so\nenvironment UNFREED_HEAP 12ab\nenvironment PATH /evil\nstep events 0 0\n';
    for (let at = 0; at <= text.length; at++) {
      const { text: rest, steps } = take(text.slice(0, at), text.slice(at));
      // No other variable is taken: a line that is not ours stays.
      expect(rest).toBe('environment PATH /evil\n');
      expect(steps).toEqual([{ ...step('events'), environment: { LD_PRELOAD: '/a b.so:c.so', UNFREED_HEAP: '12ab' } }]);
    }
  });

  it('takes out notes too, and reports each with its step; a second try of the programs forgets those of the first', () => {
    const text = 'step programs 0 9\nnote a: b\nstep programs 0 8\nnote c\nnote d\nnothing\nstep hooks 1 8\nnote';
    for (let at = 0; at <= text.length; at++) {
      const { text: rest, steps } = take(text.slice(0, at), text.slice(at));
      expect(rest).toBe('nothing\nnote');
      expect(steps).toEqual([
        step('programs', 0, 9),
        { ...step('programs', 0, 9), notes: ['a: b'] },
        step('programs', 0, 8),
        { ...step('programs', 0, 8), notes: ['c'] },
        { ...step('programs', 0, 8), notes: ['c', 'd'] },
        { ...step('hooks', 1, 8), notes: ['c', 'd'] },
      ]);
    }
  });

  it('keeps no more notes than a collector has', () => {
    const { steps } = take('note x\n'.repeat(100));
    expect(steps.at(-1)?.notes).toHaveLength(32);
  });

  it('passes on the unfinished line of an error at once', () => {
    const lines = new StepLines(() => undefined);
    expect(lines.push('unfreed-collect: no')).toBe('unfreed-collect: no');
    expect(lines.push('step ')).toBe('');
    expect(lines.push(`x${'y'.repeat(100)}`)).toBe(`step x${'y'.repeat(100)}`);
  });
});

it('says each step in words', () => {
  expect(
    [FIRST_STEP, step('types'), step('programs', 0, 14), step('hooks', 3, 14), step('symbols'), step('events')].map(
      stepText,
    ),
  ).toEqual([
    'checking rights',
    "reading the kernel's types",
    'loading 14 programs',
    'attaching 14 hooks, 3 so far',
    'reading symbols',
    'waiting for the first event',
  ]);
});

it('shows what is done, what is being done and what is still to come', () => {
  expect(shown(FIRST_STEP)).toBe('▸ rights, kernel types   · programs   · symbols   · first event');
  expect(shown(step('programs', 0, 14))).toBe(
    '✓ rights, kernel types   ▸ programs 0 of 14   · symbols   · first event',
  );
  expect(shown(step('hooks', 6, 10))).toBe('✓ rights, kernel types   ▸ programs 6 of 10   · symbols   · first event');
  expect(shown(step('events'))).toBe('✓ rights, kernel types   ✓ programs   ✓ symbols   ▸ first event');
});

function take(...pieces: string[]): { steps: StartStep[]; text: string } {
  const steps: StartStep[] = [];
  const lines = new StepLines((each) => steps.push(each));
  return { text: pieces.map((piece) => lines.push(piece)).join('') + lines.end(), steps };
}

function shown(each: StartStep): string {
  return shownSteps(each)
    .map(({ mark, text }) => `${mark} ${text}`)
    .join('   ');
}
