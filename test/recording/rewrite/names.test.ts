/** What memory belongs to, in the recordings that are made of others. */
import { expect, it } from 'vitest';
import { unknownHost } from '../../../src/event/host-facts.js';
import type { PassingSink } from '../../../src/event/passing-sink.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import type { TraceSink } from '../../../src/event/trace-sink.js';
import { Anonymiser } from '../../../src/recording/rewrite/anonymiser.js';
import { Cutter } from '../../../src/recording/rewrite/cutter.js';
import { LateRecorder } from '../../../src/recording/rewrite/late-recorder.js';
import type { NamedRow } from '../../../src/things/named-row.js';
import { emptyThing, THING_KINDS, type Thing } from '../../../src/things/thing.js';
import { internPath } from '../../helpers/sample-trace.js';
import { SinkLog } from '../../helpers/sink-log.js';

function row(stackId: number, thing: Thing): NamedRow {
  const things = [{ thing, different: 1, count: 2, bytes: 8192 }];
  return { stackId, allocator: 0, looked: 9, lookedBytes: 36864, known: 2, knownBytes: 8192, things };
}

function rowsOf(log: SinkLog): NamedRow[] {
  return log.calls.flatMap((call) => (call.call === 'names' ? call.rows : []));
}

/** Tells a trace of two call paths, the second of which belongs to a file at 3 s. */
function tell(sink: TraceSink, stackId: number): void {
  sink.fact({ type: 'host', facts: unknownHost() });
  sink.fact({ type: 'names', timeNs: 3e9, rows: [row(stackId, { ...emptyThing('file'), path: '/x' })] });
}

it.each<[string, (source: TraceDictionary) => PassingSink & { dictionary: TraceDictionary }]>([
  ['cut', (source) => new Cutter(source, { fromNs: 1e9, toNs: 5e9 })],
  ['recording begun late', (source) => new LateRecorder(source, { find: () => null }, 1e9)],
])('a %s has them at its own time, under its own ids', (_name, make) => {
  const source = new TraceDictionary();
  internPath(source, [1n]);
  const stackId = internPath(source, [2n]);
  const made = make(source);
  const log = new SinkLog();
  made.connect(log);
  tell(made, stackId);
  expect(stackId).toBe(2);
  // The first that the new recording needs.
  expect(rowsOf(log)).toEqual([row(1, { ...emptyThing('file'), path: '/x' })]);
  expect(log.calls.find(({ call }) => call === 'names')).toMatchObject({ timeNs: 2e9 });
  expect(made.dictionary.stacks.size).toBe(1);
  expect(made.dictionary.stacks.frames.lo[made.dictionary.stacks.frameId(1, 0)]).toBe(2);
});

function secret(kind: Thing['kind']): Thing {
  return {
    ...emptyThing(kind),
    path: '/home/secret/plan',
    mount: '/home/secret',
    source: 'secret-vg-home',
    device: '8:77',
    local: '192.168.77.1:443',
    peer: '/run/secret.sock',
    inode: 7777,
    peerInode: 7778,
    id: 779,
    bytes: 77999,
    fs: 'ext4',
    protocol: 'TCP',
    state: 'LISTEN',
    type: 'stream',
    deleted: true,
  };
}

it('anonymous, they keep kinds, file systems, protocols, states and figures, and nothing that names anything', () => {
  const anonymiser = new Anonymiser(new TraceDictionary(), { keep: new Set() });
  const log = new SinkLog();
  anonymiser.connect(log);
  const strange = { ...emptyThing('file'), fs: '/etc/secret' };
  anonymiser.fact({
    type: 'names',
    timeNs: 3,
    rows: [...THING_KINDS.map((kind) => row(1, secret(kind))), row(1, strange)],
  });
  const plain = { fs: 'ext4', protocol: 'TCP', state: 'LISTEN', type: 'stream', deleted: true };
  expect(rowsOf(log)).toEqual([
    ...THING_KINDS.map((kind) => row(1, { ...emptyThing(kind), ...plain })),
    row(1, emptyThing('file')),
  ]);
  expect(JSON.stringify(log.calls)).not.toMatch(/secret|777?|192\.168/);
});
