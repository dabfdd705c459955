import { Command } from 'commander';
import { expect, it } from 'vitest';
import type { TraceFlags } from '../../../src/cli/options/flags.js';
import { addSelectionOptions } from '../../../src/cli/options/selection-options.js';
import { addTraceOptions } from '../../../src/cli/options/trace-options.js';
import { collectorOptions } from '../../../src/cli/traces/collector-options.js';
import { defaultCollectorOptions } from '../../../src/collect/collector.js';

function flags(...args: string[]): TraceFlags {
  const command = addTraceOptions(
    addSelectionOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} })),
  );
  return command.parse(args, { from: 'user' }).opts<TraceFlags>();
}

it('without options everything is traced, as the collector does by itself', () => {
  expect(collectorOptions(flags())).toEqual(defaultCollectorOptions());
});

it('the modes of tracing reach the collector in its own units', () => {
  const args = ['--sample', '1/16', '--min-age', '1.5s', '--max-overhead', '3%', '--stacks', 'walk', '--audit', '7'];
  expect(collectorOptions(flags(...args))).toMatchObject({
    sampleOneIn: 16,
    minAgeNs: 1.5e9,
    maxOverhead: 0.03,
    stacks: 'walk',
    auditOneIn: 7,
  });
  expect(flags('--max-overhead', '0.5').maxOverhead).toBe(0.005);
  expect(flags('--min-age', '0').minAge).toBe(0);
});

it('what no collector can do is refused with what is expected', () => {
  for (const [option, value, expected] of [
    ['--min-age', '99ms', 'Give a duration from 100ms to 1h'],
    ['--min-age', '2h', 'Give a duration from 100ms to 1h'],
    ['--max-overhead', '0', 'Give a share of all CPU time, 0.1% to 50%'],
    ['--max-overhead', '51%', 'Give a share of all CPU time'],
    ['--max-overhead', 'much', 'Give a share of all CPU time'],
    ['--sample', '1/3', 'Give 1/N with N a power of two'],
    ['--audit', '0', 'Give a whole number from 1 up'],
    ['--stacks', 'guess', 'Allowed choices are auto, walk, fast'],
  ]) {
    expect(() => flags(option, value), `${option} ${value}`).toThrow(expected);
  }
});
