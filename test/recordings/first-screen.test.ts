/**
 * Six questions that a user asks of the first screen, over recordings whose truth is known: is memory being lost, what is
 * it, who holds it, how much and how fast, does meminfo show it, and what to type next. The truth counts what the load
 * asked for; a finding also has the objects that the kernel made with it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeText } from '../../src/export/text.js';
import { meminfoLine, whoText } from '../../src/rank/answer/words.js';
import type { Report } from '../../src/rank/report/report.js';
import { defaultSelection } from '../../src/rank/report/selection.js';
import { answerLines } from '../../src/view/head/answer-lines.js';
import { lineText } from '../../src/view/lines/styled-line.js';
import { replayed } from '../helpers/replayed.js';

interface Truth {
  who: string;
  pid: number;
  noun: string;
  bytes: number;
  bytesPerMinute: number;
}

async function reportOf(name: string): Promise<Report> {
  const pipeline = await replayed(`bpf/6.12-${name}/${name}.unfreed`);
  return pipeline.report({ ...defaultSelection(10), group: 'finding' });
}

function truthOf(name: string): Truth {
  const path = join(import.meta.dirname, `../../recordings/bpf/6.12-${name}/truth.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Truth;
}

/** The answer on the screen at each width, and in `top`. */
function answers(report: Report): string[] {
  const screens = [80, 120, 160].map((columns) => answerLines(report, columns).map(lineText).join(' '));
  const text = encodeText(report, { columns: 10_000, frames: false, quiet: true });
  return [...screens, text].map((each) => each.replaceAll(/\s+/g, ' '));
}

const GROWING = [
  ['pipes', 'pipe buffers', 'none', 'lsof -n -p'],
  ['tmpfs', 'tmpfs files', 'Shmem', 'df -h -t tmpfs'],
  ['anon', 'process memory', 'AnonPages', 'smaps_rollup'],
  ['sockets', 'sockets', 'Slab', 'ss -anp'],
] as const;

describe.each(GROWING)('a leak of %s', (name, noun, line, next) => {
  it('is answered by the first sentences at every width', async () => {
    const report = await reportOf(name);
    const { who, pid } = truthOf(name);
    for (const answer of answers(report)) {
      expect(answer).toMatch(/▲|GROWING/);
      expect(answer).toContain(`${who} ${pid} holds`);
      expect(answer).toContain(` of ${noun}`);
      expect(answer).toMatch(/and takes [\d.]+ [KM]iB\/min more/);
      expect(answer).toContain(line === 'none' ? 'No line of /proc/meminfo shows it' : `In meminfo as ${line}`);
    }
    expect(report.conclusions[0].next).toContain(next);
  });

  it('is the first row, with the truth within 2 %', async () => {
    const report = await reportOf(name);
    const truth = truthOf(name);
    const [first] = report.stacks;
    expect(whoText(first.holder)).toBe(`${truth.who} ${truth.pid}`);
    expect(meminfoLine(first.category)).toBe(line);
    // What was asked for is the greatest call path; of socket pairs both sides have one.
    const paths = (first.merged?.paths ?? []).slice(0, name === 'sockets' ? 2 : 1);
    const asked = paths.reduce((sum, path) => sum + path.bytes, 0);
    expect(Math.abs(asked / truth.bytes - 1)).toBeLessThan(0.02);
    const perMinute = ((first.growth?.bytesPerHour ?? 0) / 60) * (asked / first.bytes);
    expect(Math.abs(perMinute / truth.bytesPerMinute - 1)).toBeLessThan(0.02);
    expect(first.verdict).toBe('growing');
  });
});

describe('without a leak', () => {
  it('a machine that was full before says so, and that nothing grows', async () => {
    const report = await reportOf('before');
    for (const answer of answers(report)) {
      expect(answer).toMatch(
        /1\.0\d GiB \(\d+% of RAM\) is in no line of \/proc\/meminfo and was there before this trace/,
      );
      expect(answer).not.toMatch(/takes .* more/);
    }
    expect(report.conclusions.map(({ kind }) => kind)).toEqual(['before', 'quiet']);
  });

  it('a quiet one says that nothing grows, how slow a leak would show, and nothing else', async () => {
    const report = await reportOf('quiet');
    expect(report.conclusions.map(({ kind }) => kind)).toEqual(['quiet']);
    for (const answer of answers(report)) {
      expect(answer).toContain('Nothing grows.');
      expect(answer).toMatch(/A leak of [\d.]+ KiB\/min or more would show by now/);
    }
  });
});
