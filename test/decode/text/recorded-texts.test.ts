import { describe, expect, it } from 'vitest';
import { recognise } from '../../../src/decode/recognise.js';
import type { TextFormat } from '../../../src/decode/text-decoders.js';
import { PAGE, pairText, recordedText, SLAB } from '../../helpers/recorded-text.js';

/** scripts/loads/hold-pipes 23: 16 pages and two objects a pipe. */
const PIPES = 23;

describe('texts of one load by three producers', () => {
  it.each<[TextFormat, string]>([
    ['perf-script', 'perf-script/6.18-hold-pipes/perf-script.txt.gz'],
    ['ftrace', 'ftrace/6.18-hold-pipes/trace.txt.gz'],
    ['trace-cmd', 'trace-cmd/6.18-hold-pipes/report.txt.gz'],
  ])('%s: 23 pipes hold 368 pages and 46 objects', (format, path) => {
    const text = recordedText(path);
    expect(recognise(text.subarray(0, 65536))).toBe(format);
    const { through, stats } = pairText(format, text);
    expect(through(PAGE, 'anon_pipe_write')).toEqual({ allocs: PIPES * 16, count: PIPES * 16, bytes: PIPES * 65536 });
    expect(through(SLAB, 'alloc_pipe_info')).toEqual({
      allocs: PIPES * 2,
      count: PIPES * 2,
      bytes: PIPES * (192 + 1024),
    });
    expect(stats).toMatchObject({ badLines: 0, lostEvents: 0, hashedPointers: false });
  });

  it('pairs by hashed pointers: pipes that were closed hold nothing', () => {
    const { through, stats } = pairText('ftrace', recordedText('ftrace/6.18-hold-pipes-released/trace.txt.gz'));
    expect(through(PAGE, 'anon_pipe_write')).toEqual({ allocs: PIPES * 16, count: 0, bytes: 0 });
    expect(through(SLAB, 'alloc_pipe_info')).toEqual({ allocs: PIPES * 2, count: 0, bytes: 0 });
    expect(stats).toMatchObject({ badLines: 0, lostEvents: 0, hashedPointers: true });
  });
});
