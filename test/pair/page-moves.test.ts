import { describe, expect, it } from 'vitest';
import { formatReport, pairText } from '../helpers/text-trace.js';

function outcome(text: string): string[] {
  return formatReport(pairText(text).report());
}

const HELD = 'page 4096 B in 1 of 1 allocated, 0 freed, 0 missed: holder';

describe('a page that the kernel moves', () => {
  it('stays on its call path, and the free of the old page frees nothing', () => {
    const moved = '0 palloc 100 order 0 holder; 5 pfrom 100 order 0; 5 pto 900 order 0; 6 pfree 100 order 0';
    expect(outcome(moved)).toEqual([HELD]);
    expect(outcome(`${moved}; 9 pfree 900 order 0`)).toEqual([]);
  });

  it('keeps its age and its owner', () => {
    const { report } = pairText(
      '0 palloc 100 order 0 comm=db pid=7 x; 5 pfrom 100 order 0; 5 pto 900 order 0; 6 pfree 100 order 0; 1000 clock',
    );
    expect(report().stacks[0]).toMatchObject({ oldestAgeNs: 1000, comms: [{ comm: 'db', count: 1 }] });
  });

  it('changes places with the page that the kernel allocated for it', () => {
    const text =
      '0 palloc 100 order 0 holder; 4 palloc 900 order 0 alloc_migration_target; 5 pfrom 100 order 0; 5 pto 900 order 0';
    // Until the old page is freed, the kernel holds both.
    expect(outcome(text)).toEqual([HELD, 'page 4096 B in 1 of 1 allocated, 0 freed, 0 missed: alloc_migration_target']);
    expect(outcome(`${text}; 6 pfree 100 order 0`)).toEqual([HELD]);
  });

  it('from before the trace leaves neither an orphan free nor the page allocated for it', () => {
    expect(outcome('5 pfrom 100 order 0; 5 pto 900 order 0; 6 pfree 100 order 0')).toEqual([]);
    const text = '4 palloc 900 order 0 target; 5 pfrom 100 order 0; 5 pto 900 order 0; 6 pfree 100 order 0';
    expect(outcome(text)).toEqual([]);
    expect(outcome(`${text}; 8 pfree 900 order 0`)).toEqual(['orphanFrees 1']);
  });

  it('moves as a block where it is one, and page by page where it is not', () => {
    const block = '0 palloc 512 order 3 huge; 5 pfrom 512 order 3; 5 pto 1024 order 3; 6 pfree 512 order 3';
    const { core } = pairText(block);
    expect([core.pages.blocks.size, core.moves.movedPages, core.moves.vacatedFrees]).toEqual([1, 8, 8]);
    expect(outcome(`${block}; 7 pfree 1026 order 1`)).toEqual([
      'page 24576 B in 6 of 8 allocated, 2 freed, 0 missed: huge',
    ]);
    const piece = '0 palloc 512 order 3 huge; 5 pfrom 514 order 0; 5 pto 1024 order 0; 6 pfree 514 order 0';
    expect(outcome(`${piece}; 7 pfree 512 order 3`)).toEqual([
      'page 4096 B in 1 of 8 allocated, 7 freed, 0 missed: huge',
      'orphanFrees 1',
    ]);
  });

  it('may move again before the first free has come, and back', () => {
    const twice =
      '0 palloc 100 order 0 holder; 5 pfrom 100 order 0; 5 pto 900 order 0; 6 pfrom 900 order 0; 6 pto 100 order 0';
    expect(outcome(twice)).toEqual([HELD]);
    // The first old page holds it again, so a free of it is its end; the second is the one that was left.
    expect(outcome(`${twice}; 7 pfree 900 order 0; 8 pfree 100 order 0`)).toEqual([]);
  });

  it('whose old page was allocated again without a free in between is not waited for', () => {
    const text =
      '0 palloc 100 order 0 holder; 5 pfrom 100 order 0; 5 pto 900 order 0; 6 palloc 100 order 0 next; 7 pfree 100 order 0';
    expect(outcome(text)).toEqual([HELD]);
    expect(pairText(text).core.moves.waiting).toBe(0);
  });

  it('needs both halves, of equal length', () => {
    for (const text of [
      '1 pto 900 order 0',
      '1 pfrom 100 order 0; 1 pfrom 100 order 0; 1 pto 900 order 1',
      '1 pfrom 100 order 14; 1 pto 65536 order 14',
    ]) {
      const { core } = pairText(`0 palloc 100 order 0 holder; ${text}`);
      expect(core.moves.movedPages).toBe(0);
      expect(core.badEvents).toBeGreaterThan(0);
      expect(core.paths.totalLive(0)).toBe(1);
    }
  });
});
