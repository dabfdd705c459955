import { expect, it } from 'vitest';
import { judgeCensus } from '../../../src/census/judge-census.js';
import { parseCensus } from '../../../src/census/parse-census.js';
import { parseCensusReport } from '../../../src/census/parse-report.js';
import { unknownHost } from '../../../src/event/host-facts.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { censusJson } from '../../../src/export/census/census-json.js';
import { tableText } from '../../../src/proc/look-tables.js';
import { Anonymiser } from '../../../src/recording/rewrite/anonymiser.js';
import { slabinfoText } from '../../helpers/counter-texts.js';
import { holder, link, rawCensus } from '../../helpers/raw-census.js';
import { batchOf, internPath, tellSample } from '../../helpers/sample-trace.js';
import { SinkLog } from '../../helpers/sink-log.js';

function anonymised(keep: string[], tell: (anonymiser: Anonymiser, dictionary: TraceDictionary) => void) {
  const dictionary = new TraceDictionary();
  const anonymiser = new Anonymiser(dictionary, { keep: new Set(keep) });
  const log = new SinkLog();
  anonymiser.connect(log);
  tell(anonymiser, dictionary);
  const { comms } = anonymiser.dictionary;
  const { dictionary: anonymous } = anonymiser;
  return { log, dictionary: anonymous, comms: Array.from({ length: comms.size }, (_, i) => comms.name(i + 1)) };
}

it('changes the host name, the kernel’s local version, the process names and the detail of the end, and nothing else', () => {
  const { log, comms } = anonymised([], tellSample);
  const plain = new SinkLog();
  tellSample(plain, new TraceDictionary());
  const hidden = plain.calls.map((call) => {
    if (call.call === 'host')
      return { ...call, facts: { ...call.facts, hostname: 'host', kernel: /^[\d.]+/.exec(call.facts.kernel)?.[0] } };
    return call.call === 'end' ? { ...call, detail: '' } : call;
  });
  expect(log.calls).toEqual(hidden);
  expect(comms).toEqual(['#1']);
});

it('keeps ids as they are, whatever names are kept and whatever processes are called', () => {
  const { log, comms } = anonymised(['#3', 'mine'], (anonymiser, dictionary) => {
    const stack = internPath(dictionary, [1n]);
    const ids = ['#3', 'mine', 'theirs'].map((name) => dictionary.comms.intern(name));
    anonymiser.events(batchOf(ids.map((id, i) => [i, 1, 1, 64 * i, 8, 8, stack, 1, id, 0])));
  });
  expect(comms).toEqual(['#1', 'mine', '#3']);
  expect(log.eventRows.map((row) => row[8])).toEqual([1, 2, 3]);
});

it('hides frames of programs, which only an import with user frames has', () => {
  const { log } = anonymised([], (anonymiser) => {
    anonymiser.fact({ type: 'host', facts: { ...unknownHost(), collector: 'perf-script' } });
    anonymiser.fact({
      type: 'symbol',
      entry: { addressHi: 0, addressLo: 1, symbol: 'secret_sauce', offset: 3, module: 'payroll' },
    });
    anonymiser.fact({
      type: 'symbol',
      entry: { addressHi: 0xffffffff, addressLo: 1, symbol: 'kfree', offset: 3, module: null },
    });
  });
  expect(log.calls.slice(1)).toMatchObject([
    { entry: { symbol: '#1', module: 'user' } },
    { entry: { symbol: 'kfree', module: null } },
  ]);
});

it('drops the details of coverage, which may quote a command, and keeps the gaps', () => {
  const { log } = anonymised([], (anonymiser) => {
    const gap = { cause: 'allocs-filtered', kinds: ['kmalloc'], certain: true, detail: 'comm == "payroll"' } as const;
    anonymiser.fact({ type: 'host', facts: { ...unknownHost(), coverage: [{ ...gap, kinds: [...gap.kinds] }] } });
  });
  expect(log.calls).toMatchObject([
    { facts: { coverage: [{ cause: 'allocs-filtered', kinds: ['kmalloc'], certain: true, detail: '' }] } },
  ]);
});

it('gives slab caches that are named after a device another name, the same wherever it stands', () => {
  const { log, dictionary } = anonymised([], (anonymiser, source) => {
    const mergedCaches = [
      ['fuse_request', 'zs_handle-zram1'],
      ['dentry(12:payroll.service)', 'dentry'],
    ];
    anonymiser.fact({ type: 'host', facts: { ...unknownHost(), mergedCaches } });
    const stack = internPath(source, [1n]);
    const ids = ['zs_handle-zram1', 'dentry'].map((name) => source.caches.intern(name));
    anonymiser.events(batchOf(ids.map((id, i) => [i, 1, 1, 64 * i, 8, 8, stack, 1, 0, id])));
    const text = slabinfoText({ 'zs_handle-zram1': [5, 8, 512], dentry: [7, 192, 21] });
    anonymiser.fact({ type: 'counters', timeNs: 9, source: 'slabinfo', text });
    anonymiser.fact({ type: 'counters', timeNs: 9, source: 'meminfo', text: 'zs_handle-zram1 5' });
  });
  expect(log.calls[0]).toMatchObject({
    facts: {
      mergedCaches: [
        ['fuse_request', 'cache#1'],
        ['cache#2', 'dentry'],
      ],
    },
  });
  expect([1, 2].map((id) => dictionary.caches.name(id))).toEqual(['cache#1', 'dentry']);
  expect(log.eventRows.map((row) => row[9])).toEqual([1, 2]);
  const texts = log.calls.flatMap((call) =>
    call.call === 'counters' ? [call.text.replace('cache#1   ', 'cache#1           ')] : [],
  );
  expect(texts).toEqual([slabinfoText({ 'cache#1': [5, 8, 512], dentry: [7, 192, 21] }), 'zs_handle-zram1 5']);
});

it('keeps the counters of a look, renames its caches as elsewhere, and leaves out all that has names', () => {
  const slabs = slabinfoText({ 'zspage-zram7': [5, 64, 64] });
  const texts = new Map([
    [
      'table/machine',
      tableText('table/machine', [['db-17', '6.1.0-49-ourcompany', 'x86_64', 'Ours', 4096, 2, 9, 1, 0, 'kernel']]),
    ],
    ['proc/meminfo', 'MemTotal: 1 kB\n'],
    ['proc/meminfo#1', 'MemTotal: 1 kB\n'],
    ['proc/slabinfo', slabs],
    ['proc/sys/kernel/hostname', 'db-17'],
    ['proc/version', 'Linux version 6.1 (me@db-17)'],
    ['proc/cmdline', 'root=/dev/secret'],
    ['proc/swaps', '/secret.swap file 1 1 1'],
    ['table/processes', 'pid\tname\n1\tsecret\n'],
    ['table/cgroups', 'path\n/secret\n'],
    ['table/pods', tableText('table/pods', [['6d3c1e2a', 'secret', 'secret-0', 'secret', 'ab12']])],
    ['table/limits', tableText('table/limits', [['inotify watches', 9, 10, 'watches of user 1000', '7 secret']])],
    ['report/census', 'secret'],
    ['log/kernel', 'Killed process 1 (secret)'],
    ['report/secret', 'secret'],
  ]);
  const { log } = anonymised([], (anonymiser) => {
    const notRead = [
      { what: 'proc/vmallocinfo', why: 'root only' },
      { what: '/proc/1/root/secret', why: 'gone' },
    ];
    anonymiser.fact({ type: 'counters', timeNs: 1, source: 'slabinfo', text: slabs });
    anonymiser.fact({ type: 'look', timeNs: 1, look: { unixMs: 5, texts, notRead } });
  });
  const [counters, look] = log.calls;
  if (counters.call !== 'counters' || look.call !== 'look') throw new Error('other facts');
  expect(JSON.stringify([...look.look.texts, look.look.notRead])).not.toMatch(/secret|db-17|ourcompany|Ours|zram7/);
  expect([...look.look.texts.keys()]).toEqual([
    'table/machine',
    'proc/meminfo',
    'proc/meminfo#1',
    'proc/slabinfo',
    'table/limits',
  ]);
  expect(look.look.texts.get('table/limits')).toContain('inotify watches\t9\t10\twatches of user 1000\t\n');
  expect(look.look.texts.get('proc/slabinfo')).toBe(counters.text);
  expect(look.look.texts.get('table/machine')).toContain('host\t6.1.0\tx86_64\t\t4096');
  expect(look.look.notRead.map(({ what }) => what)).toEqual([
    'proc/vmallocinfo',
    'table/processes',
    'table/cgroups',
    'table/pods',
    'report/census',
    'log/kernel',
  ]);
});

it('keeps the counts of a census, with numbers for cgroups, and neither processes nor names of the machine', () => {
  const census = parseCensus(
    rawCensus({
      owners: [
        {
          path: '/secret.slice',
          id: 3,
          dying: true,
          charged: 'user',
          class: 'shmem',
          pages: 7,
          objects: 0,
          bytes: 0,
          cache: '',
        },
      ],
      holders: [
        holder('unaccounted', 9, [link('slab', 'zspage-zram7', 'anon_pipe_buf_release')], 1),
        holder('unaccounted', 5, [link('slab', 'kmalloc-96', 'uf_work', 'leaky')], 1),
      ],
      checks: [{ what: 'secret', ours: 1, theirs: 1, unit: '', ok: true }],
    }),
  );
  if (census === null) throw new Error('no census');
  const possessions = [{ kind: 'pipes' as const, pid: 7, comm: 'secret', count: 5, bytes: null }];
  const text = censusJson(judgeCensus({ source: 'secret', timeMs: 5, census, possessions }));
  const { log } = anonymised([], (anonymiser) => {
    const look = { unixMs: 5, texts: new Map([['report/census', text]]), notRead: [] };
    anonymiser.fact({ type: 'look', timeNs: 1, look });
  });
  const [look] = log.calls;
  if (look.call !== 'look') throw new Error('other facts');
  const kept = look.look.texts.get('report/census') ?? '';
  expect(kept).not.toMatch(/secret|zram7/);
  const report = parseCensusReport(kept);
  expect(report?.owners).toMatchObject([{ path: '/#1', pages: 7, dying: true }]);
  expect(report?.holders?.map(({ text: what, pages, processes }) => [what, pages, processes])).toEqual([
    ['full pipes', 9, []],
    ['kmalloc-96{uf_work}', 5, []],
  ]);
  expect(report?.classes.reduce((sum, { pages }) => sum + pages, 0)).toBe(200_000);
});
