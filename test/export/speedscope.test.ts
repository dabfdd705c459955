import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { encodeSpeedscope } from '../../src/export/speedscope.js';
import { exportReport } from '../helpers/export-report.js';
import { expectGolden } from '../helpers/golden.js';
import { realReport } from '../helpers/real-report.js';

interface Speedscope {
  name: string;
  exporter: string;
  shared: { frames: { name: string; file?: string }[] };
  profiles: {
    name: string;
    unit: string;
    startValue: number;
    endValue: number;
    samples: number[][];
    weights: number[];
  }[];
}

const SCHEMA = new URL('speedscope.schema.json', import.meta.url);
const validate = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object);

test('satisfies the schema of speedscope, which a wrong unit does not', () => {
  const file = JSON.parse(encodeSpeedscope(exportReport())) as Speedscope;
  expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
  file.profiles[0].unit = 'kibibytes';
  expect(validate(file)).toBe(false);
});

test('is the golden one, byte for byte', () => {
  expectGolden('export/report.speedscope.json', encodeSpeedscope(exportReport()));
});

test('every index is a frame, weights add up to the end value and to the report', async () => {
  const report = await realReport(100_000);
  const { profiles, shared } = JSON.parse(encodeSpeedscope(report)) as Speedscope;
  expect(new Set(shared.frames.map(({ name }) => name)).size).toBe(shared.frames.length);
  for (const { samples, weights, startValue, endValue } of profiles) {
    expect(samples).toHaveLength(weights.length);
    expect(startValue).toBe(0);
    expect(endValue).toBe(weights.reduce((sum, weight) => sum + weight, 0));
    for (const index of samples.flat()) expect(shared.frames[index]).toBeDefined();
  }
  expect(profiles.map(({ unit }) => unit)).toEqual(['bytes', 'none', 'bytes', 'none']);
  expect(profiles[0].endValue).toBe(report.matching.bytes);
  expect(profiles[1].endValue).toBe(report.matching.count);
  const [first] = profiles[0].samples;
  expect(shared.frames[first[0]].name).toBe('entry_SYSCALL_64_after_hwframe');
});

test('says losses in its name and all notes in its exporter, and no name has a control character', () => {
  const { name, exporter, shared } = JSON.parse(encodeSpeedscope(exportReport())) as Speedscope;
  expect(name).toContain('LOST 1,234 events');
  expect(exporter).toContain('\nnote: kfree_rcu is not traced on this kernel\n');
  expect(shared.frames.map((frame) => frame.name + (frame.file ?? '')).join('')).not.toMatch(/\p{Cc}/u);
});
