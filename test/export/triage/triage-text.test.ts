import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { triageJson } from '../../../src/export/triage/triage-json.js';
import { triageText } from '../../../src/export/triage/triage-text.js';
import { triageOf } from '../../../src/session/look/triage-looks.js';
import { type LookParts, lookAt, processRow } from '../../helpers/look.js';

const GIB = 2 ** 30;

function textOf(parts: LookParts, { columns = 100, verbose = false } = {}): string {
  return triageText(triageOf([lookAt(parts)]), { columns, verbose });
}

const HOSTILE = '\x1b[2J\u202eevil\nname</script>';

describe('the text of triage', () => {
  it('begins with the machine and where its memory is, and says that nothing is abnormal', () => {
    expect(textOf({})).toBe(
      `db-17   Linux 6.12.0 x86_64   16.0 GiB, 4 CPUs, up 1.0d   this machine
memory: free 10.1 GiB, files 3.13 GiB, anon 2.00 GiB, shmem 128 MiB, slab 512 MiB, vmalloc 64.0 MiB,
  page tables 32.0 MiB, not in meminfo 64.0 MiB (0.4%)

   FINE      No shortage: 12.9 GiB of 16.0 GiB (80%) are available. Much of what looks used is
             cache, and the kernel gives it back. (R1)
Nothing abnormal.

no finding: memory in no line of meminfo, memory held by a reference, slab, vmalloc, percpu memory
  and removed cgroups, page tables, shared memory, balloon, bad memory, debugging
`,
    );
  });

  it('names holder, rule and next command of a finding, and keeps a command on one line', () => {
    const text = textOf({
      gap: 4,
      tables: { 'table/sockets': [['packet', '', 77, 'sniffer', 8, 0, 0, 3.9 * GIB]] },
    });
    expect(text).toContain('1  ABNORMAL  4.00 GiB (25%) are in no line of /proc/meminfo.');
    expect(text).toContain('held by: packet rings of 77 sniffer 3.90 GiB');
    expect(text).toMatch(/^ +next: unfreed record -o db-17\.unfreed --allocator page --min-age 5s .* --duration 1h$/m);
  });

  it('prints terms that add up to MemTotal with -v', () => {
    const lines = textOf({ gap: 4 }, { verbose: true }).split('\n');
    const terms = lines.flatMap((line) => {
      const [, number, name] = / *([\d,]+) KiB {2}(.{27})/.exec(line) ?? [];
      return number === undefined ? [] : [{ kib: Number(number.replaceAll(',', '')), name: name.trim() }];
    });
    const sum = terms.at(-1);
    expect(sum).toEqual({ kib: 16 * 2 ** 20, name: 'sum' });
    expect(terms.slice(0, -1).reduce((total, { kib }) => total + kib, 0)).toBe(16 * 2 ** 20);
  });

  it('lists what could not be read with what it would have decided', () => {
    const parts = {
      notRead: [
        { what: 'proc/slabinfo', why: 'root only' },
        { what: 'table/mounts', why: 'root only' },
      ],
    };
    expect(textOf(parts)).toContain('not read, root only: /proc/slabinfo (which slab cache holds the memory), mounts');
    expect(textOf(parts, { verbose: true })).toContain('  mounts: root only (which tmpfs holds shared memory)');
  });

  it('prints five findings, and the rest in a line', () => {
    const many = textOf({
      gap: 2,
      gib: {
        SUnreclaim: 1.5,
        VmallocUsed: 1,
        PageTables: 1.5,
        Percpu: 0.5,
        HardwareCorrupted: 0.01,
        SwapTotal: 1,
        SwapFree: 0,
      },
    });
    expect(many).toMatch(/^5 {2}/m);
    expect(many).not.toMatch(/^6 {2}/m);
    expect(many).toMatch(/^also: .*\(R\d+\)/m);
  });

  it('lets no name of a process, host or file reach the terminal raw', () => {
    const parts: LookParts = {
      gap: 4,
      tables: {
        'table/machine': [[HOSTILE, HOSTILE, HOSTILE, HOSTILE, 4096, 4, 1, 0, 0, 'kernel']],
        'table/processes': [processRow(1, HOSTILE, { anon: 9 * GIB, pipes: 90_000 })],
        'table/sockets': [['packet', '', 77, HOSTILE, 8, 0, 0, 3 * GIB]],
      },
      notRead: [{ what: HOSTILE, why: HOSTILE }],
    };
    for (const verbose of [false, true]) {
      const text = textOf(parts, { verbose });
      expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
      expect(text.split('\n').every((line) => line.length <= 100 || line.includes('next: ') || verbose)).toBe(true);
    }
  });

  it('stays within 80 columns but for commands', () => {
    for (const line of textOf({ gap: 4, gib: { Percpu: 0.5 } }, { columns: 80 }).split('\n')) {
      if (!line.includes('next: ')) expect(line.length).toBeLessThanOrEqual(80);
    }
  });
});

describe('the JSON of triage', () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../src/export/triage/triage.schema.json'), 'utf8'),
  ) as object;
  const isValid = new Ajv({ allErrors: true }).compile(schema);

  it.each<[string, LookParts]>([
    ['quiet', {}],
    ['abnormal', { gap: 4, gib: { Percpu: 1, SUnreclaim: 3 }, notRead: [{ what: 'proc/slabinfo', why: 'root only' }] }],
    ['hostile', { tables: { 'table/processes': [processRow(1, HOSTILE, { anon: 9 * GIB })] } }],
    ['without a meminfo', { texts: { 'proc/meminfo': '' } }],
  ])('of a machine that is %s keeps its schema', (_, parts) => {
    const value: unknown = JSON.parse(triageJson(triageOf([lookAt(parts)])));
    expect(isValid(value) ? [] : isValid.errors).toEqual([]);
  });

  it('would not pass with a field renamed', () => {
    const value = JSON.parse(triageJson(triageOf([lookAt({ gap: 4 })]))) as { findings: Record<string, unknown>[] };
    delete value.findings[0]['rule'];
    expect(isValid(value)).toBe(false);
  });
});
