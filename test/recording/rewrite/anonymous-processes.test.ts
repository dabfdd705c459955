import { expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import type { TraceFact } from '../../../src/event/trace-sink.js';
import { Anonymiser } from '../../../src/recording/rewrite/anonymiser.js';
import { SinkLog } from '../../helpers/sink-log.js';

const IMAGE_HI = 0x4000_0100;
const BEFORE_HI = 0xc000_0000;

function anonymised(facts: TraceFact[], allocators = ['heap' as const]): SinkLog {
  const anonymiser = new Anonymiser(new TraceDictionary(), { keep: new Set() });
  const log = new SinkLog();
  anonymiser.connect(log);
  anonymiser.fact({ type: 'host', facts: { ...unknownHost(), collector: 'bpf', allocators } });
  for (const fact of facts) anonymiser.fact(fact);
  return log;
}

it('numbers the files of processes, the same in all facts, and leaves out arguments and build ids', () => {
  const process = { number: 1, pid: 7, startNs: 5, parent: 0, why: 'first', stays: false } as const;
  const mark = { kind: 'exec', pid: 7, comm: 'payroll', values: [], texts: ['/opt/payroll'] } as const;
  const { calls } = anonymised([
    { type: 'process', timeNs: 1, process: { ...process, exe: '/opt/payroll', cmdline: 'payroll --key secret' } },
    { type: 'image', image: { number: 1, buildId: 'abcd', path: '/opt/payroll' } },
    { type: 'image', image: { number: 2, buildId: 'ef01', path: '/usr/lib/x86_64-linux-gnu/libc.so.6' } },
    { type: 'image', image: { number: 3, buildId: '', path: '/opt/libsecret.so.1' } },
    { type: 'mark', timeNs: 2, mark: { ...mark, values: [], texts: [...mark.texts] } },
  ]);
  expect(calls.slice(1)).toMatchObject([
    { process: { ...process, exe: '/#m1', cmdline: '' } },
    { image: { number: 1, buildId: '', path: '/#m1' } },
    { image: { number: 2, buildId: '', path: '/libc.so.6' } },
    { image: { number: 3, buildId: '', path: '/#m2' } },
    { mark: { texts: ['/#m1'] } },
  ]);
  expect(JSON.stringify(calls)).not.toMatch(/payroll|secret|ef01|abcd/);
});

it('numbers functions and programs, and keeps what every machine has', () => {
  const { calls } = anonymised([
    symbol(IMAGE_HI, 1, 'secret_sauce', 'payroll'),
    symbol(IMAGE_HI, 2, 'secret_sauce', 'payroll'),
    symbol(IMAGE_HI, 3, 'main', 'payroll'),
    symbol(IMAGE_HI, 4, 'malloc', 'libc.so.6'),
    symbol(IMAGE_HI, 5, 'operator new(unsigned long)', 'libstdc++.so.6.0.30'),
    symbol(IMAGE_HI, 6, 'main', 'libc.so.6-payroll'),
    symbol(0x7fff, 7, 'LazyCompile:*payroll', null),
    symbol(BEFORE_HI, 1, '[heap]', null),
    symbol(BEFORE_HI, 2, 'anonymous memory', null),
    symbol(BEFORE_HI, 3, 'libc.so.6', null),
    symbol(BEFORE_HI, 4, 'payroll.db', null),
    symbol(BEFORE_HI, 5, '[anon:payroll]', null),
    symbol(0xffffffff, 8, 'do_mmap', null),
  ]);
  const names = calls.flatMap((call) => (call.call === 'symbol' ? [[call.entry.symbol, call.entry.module]] : []));
  expect(names).toEqual([
    ['function#1', 'program#1'],
    ['function#1', 'program#1'],
    ['function#2', 'program#1'],
    ['malloc', 'libc.so.6'],
    ['operator new(unsigned long)', 'libstdc++.so.6.0.30'],
    ['function#3', 'program#2'],
    ['function#4', null],
    ['[heap]', null],
    ['anonymous memory', null],
    ['libc.so.6', null],
    ['file#5', null],
    ['file#6', null],
    ['do_mmap', null],
  ]);
  expect(JSON.stringify(calls)).not.toMatch(/payroll|secret/);
});

function symbol(addressHi: number, addressLo: number, name: string, module: string | null): TraceFact {
  return { type: 'symbol', entry: { addressHi, addressLo, symbol: name, offset: 3, module } };
}
