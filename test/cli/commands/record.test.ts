import { expect, it } from 'vitest';
import { recordedText, recordingText } from '../../../src/cli/commands/record.js';
import { tracingText } from '../../../src/cli/traces/load-trace.js';

const STATE = { host: 'vm', path: 'mix.unfreed', timeNs: 9.4e9, events: 67_500, bytes: 279 * 1024, lostEvents: 0 };

it('the line of progress says what goes where, how long still, and how much it is', () => {
  expect(recordingText(STATE, 18e9, 'nothing grows yet', 160)).toBe(
    'recording vm to mix.unfreed   9.4s of 18s   67.5k events   279 KiB   nothing grows yet   Ctrl-C ends',
  );
});

it('on few columns the line of progress keeps what grows and how to end', () => {
  const at = (columns: number): string => recordingText(STATE, 18e9, 'nothing grows yet', columns);
  expect(at(100)).toContain('67.5k events');
  expect(at(99)).toBe('recording vm to mix.unfreed   9.4s of 18s   279 KiB   nothing grows yet   Ctrl-C ends');
  expect(at(79)).toBe('recording vm to mix.unfreed   9.4s of 18s   nothing grows yet   Ctrl-C ends');
  expect(at(74)).toBe('recording   9.4s of 18s   nothing grows yet   Ctrl-C ends');
  const lost = recordingText({ ...STATE, lostEvents: 12 }, 18e9, 'a\x1b[2Jb', 80);
  expect(lost).toContain('lost 12');
  expect(lost).not.toContain('\x1b');
});

it('the line of progress has no end where there is none, and says what is lost', () => {
  expect(recordingText({ ...STATE, host: '', lostEvents: 12 }, Number.POSITIVE_INFINITY, '', 120)).toBe(
    'recording this machine to mix.unfreed   9.4s   67.5k events   279 KiB   lost 12   Ctrl-C ends',
  );
});

it('a long path leaves room for the rest of the line, and its control characters do nothing', () => {
  const line = recordingText({ ...STATE, path: `/tmp/\x1b[2J${'long/'.repeat(40)}x.unfreed` }, 18e9, '', 120);
  expect(line.length).toBeLessThan(100);
  expect(line).not.toContain('\x1b');
  expect(line).toContain('Ctrl-C ends');
});

it('at the end stand what was recorded, how to look at it and how to send it', () => {
  const state = { ...STATE, timeNs: 18e9, events: 10_700_000, bytes: 16.5 * 2 ** 20, lostEvents: 12 };
  expect(recordedText(state, false)[0]).toBe('recorded 18.0s: 10.7M events, 16.5 MiB, lost 12');
  expect(recordedText({ ...state, lostEvents: 0 }, true)[0]).toMatch(/, lost 0$/);
  expect(recordedText(state, true)).toEqual([
    'recorded 18.0s: 10.7M events, 16.5 MiB, lost 12 (the answer holds)',
    'look     unfreed replay mix.unfreed',
    'send     unfreed export mix.unfreed -o mix.html',
  ]);
});

it.each([
  ["it's here.unfreed", "'it'\\''s here.unfreed'", "'it'\\''s here.html'"],
  ['$(reboot)', "'$(reboot)'", "'$(reboot).html'"],
  ['plain', 'plain', 'plain.html'],
])('the commands can be typed as printed: %s', (path, word, html) => {
  expect(recordedText({ ...STATE, path }, true).slice(1)).toEqual([
    `look     unfreed replay ${word}`,
    `send     unfreed export ${word} -o ${html}`,
  ]);
});

it('a trace without a recording says how long it still lasts, and never more than was asked', () => {
  expect(tracingText({ nowNs: 3.2e9, eventCount: 12 }, 10e9)).toBe('tracing 3.2s of 10s   12 events   Ctrl-C ends');
  expect(tracingText({ nowNs: 11e9, eventCount: 12 }, 10e9)).toBe('tracing 10.0s of 10s   12 events   Ctrl-C ends');
});
