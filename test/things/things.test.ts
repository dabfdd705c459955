import { describe, expect, it } from 'vitest';
import { namesJson, parseNames } from '../../src/things/named-row.js';
import { sumThings } from '../../src/things/sum-things.js';
import { emptyThing, parseThing, type Thing, thingJson } from '../../src/things/thing.js';
import { thingText } from '../../src/things/thing-text.js';

function thing(kind: Thing['kind'], fields: Partial<Thing>): Thing {
  return { ...emptyThing(kind), ...fields };
}

const FILE = thing('file', {
  device: '0:27',
  inode: 12,
  fs: 'tmpfs',
  source: 'tmpfs',
  path: '/dev/shm/big.bin',
  mount: '/dev/shm',
});
const TCP = { protocol: 'TCP', family: 'inet', type: 'stream', state: 'ESTABLISHED' };

describe('a thing', () => {
  it('is read from JSON, and comes back from its own', () => {
    expect(parseThing({ ...FILE, more: 1 })).toEqual(FILE);
    expect(parseThing(JSON.parse(thingJson(FILE)))).toEqual(FILE);
  });

  it.each([[null], [7], ['file'], [[]], [{}], [{ kind: 'gpu' }], [{ kind: 7 }]])('is not %j', (value) => {
    expect(parseThing(value)).toBeNull();
  });

  it('has no fields of another type, and no endless ones', () => {
    const given = {
      kind: 'socket',
      local: 5,
      inode: -1,
      id: 1.5,
      bytes: '9',
      closed: 'yes',
      peer: `${'a'.repeat(9000)}z`,
    };
    const read = parseThing(given);
    expect(read).toEqual(thing('socket', { peer: read?.peer }));
    expect(read?.peer).toHaveLength(256);
    expect(read?.peer).toMatch(/^a+…a+z$/);
  });
});

describe('the sum of a sample', () => {
  it('has the most bytes first, and counts what nothing is known of in none', () => {
    const other = thing('file', { inode: 13, path: '/x', fs: 'ext4', source: 'vda', mount: '/' });
    const sum = sumThings([
      { thing: FILE, bytes: 4096 },
      { thing: null, bytes: 4096 },
      { thing: other, bytes: 65536 },
      { thing: FILE, bytes: 8192 },
    ]);
    expect(sum).toEqual({
      known: 3,
      knownBytes: 77824,
      things: [
        { thing: other, different: 1, count: 1, bytes: 65536 },
        { thing: FILE, different: 1, count: 2, bytes: 12288 },
      ],
    });
  });

  it('tells connections to one port as one', () => {
    const sockets = [1, 2, 3].map((port) =>
      thing('socket', { ...TCP, local: '10.0.0.1:443', peer: `10.0.0.2:${port}` }),
    );
    const listening = thing('socket', { ...TCP, state: 'LISTEN', local: '10.0.0.1:443' });
    const sum = sumThings([...sockets, ...sockets.slice(1), listening].map((each) => ({ thing: each, bytes: 10 })));
    expect(sum.things.map((named) => [thingText(named), named.count])).toEqual([
      ['TCP ESTABLISHED 10.0.0.1:443 <- 3 peers', 5],
      ['TCP LISTEN 10.0.0.1:443', 1],
    ]);
  });

  it('tells connections to one server as one, and all of one that is alone', () => {
    const sockets = [1, 2, 3].map((port) =>
      thing('socket', { ...TCP, local: `10.0.0.2:${port}`, peer: '10.0.0.1:5432' }),
    );
    const alone = thing('socket', { ...TCP, local: '10.0.0.2:9', peer: '10.0.0.3:80', closed: true });
    const { things } = sumThings([...sockets, alone].map((each) => ({ thing: each, bytes: 10 })));
    expect(things.map(thingText)).toEqual([
      'TCP ESTABLISHED 3 sockets -> 10.0.0.1:5432',
      'TCP ESTABLISHED 10.0.0.2:9 <-> 10.0.0.3:80 (no process has it open)',
    ]);
  });

  it('tells names in a directory as one', () => {
    const names = ['a', 'b'].map((name) =>
      thing('dentry', { fs: 'ext4', mount: '/', path: `/tmp/${name}`, missing: true }),
    );
    const { things } = sumThings(names.map((each) => ({ thing: each, bytes: 192 })));
    expect(things.map(thingText)).toEqual(['names not found in /tmp/ (ext4 on /)']);
  });

  it('keeps eight things, whatever order they come in', () => {
    const files = Array.from({ length: 20 }, (_, inode) => thing('file', { inode: inode + 1, path: `/f${inode}` }));
    const sample = files.map((each) => ({ thing: each, bytes: 4096 }));
    const sum = sumThings(sample);
    expect(sum.things).toHaveLength(8);
    expect(sum.known).toBe(20);
    expect(sumThings(sample.toReversed())).toEqual(sum);
  });
});

describe('the words', () => {
  it.each<[string, Thing]>([
    ['/dev/shm/big.bin (tmpfs on /dev/shm)', FILE],
    ['/gone (tmpfs on /, deleted)', { ...FILE, path: '/gone', mount: '/', deleted: true }],
    ['memfd:x (tmpfs, mounted nowhere, deleted)', { ...FILE, path: 'memfd:x', mount: '', deleted: true }],
    ['/var/log/x (ext4 on / of sda1)', { ...FILE, fs: 'ext4', source: 'sda1', path: '/var/log/x', mount: '/' }],
    ['inode 12 on device 8:1 (ext4 of sda1)', thing('file', { device: '8:1', inode: 12, fs: 'ext4', source: 'sda1' })],
    [
      '/x (xfs on /c of dm-1, mounted in another namespace)',
      { ...FILE, path: '/x', mount: '/c', fs: 'xfs', source: 'dm-1', elsewhere: true },
    ],
    ['block device vda (254:0)', thing('block-device', { path: 'vda', device: '254:0' })],
    ['block device 254:0', thing('block-device', { device: '254:0' })],
    [
      'UNIX-STREAM ESTABLISHED -> /run/x.sock',
      thing('socket', { protocol: 'UNIX-STREAM', state: 'ESTABLISHED', peer: '/run/x.sock' }),
    ],
    ['UNIX inode 5 <-> 6', thing('socket', { protocol: 'UNIX', state: 'CLOSE', inode: 5, peerInode: 6 })],
    ['BPF map 7 events (ringbuf)', thing('bpf-map', { id: 7, path: 'events', type: 'ringbuf' })],
    ['a file (tmpfs, deleted)', thing('file', { fs: 'tmpfs', deleted: true })],
    ['TCP LISTEN', thing('socket', { protocol: 'TCP', state: 'LISTEN' })],
    ['BPF map (hash)', thing('bpf-map', { type: 'hash' })],
    ['block device', thing('block-device', {})],
    ['device pci 0000:00:04.0', thing('device', { path: 'pci 0000:00:04.0' })],
  ])('%s', (text, given) => {
    expect(thingText({ thing: given, different: 1 })).toBe(text);
  });
});

describe('rows in a trace', () => {
  const row = { stackId: 3, allocator: 0, looked: 256, lookedBytes: 1 << 20, known: 2, knownBytes: 8192 };

  it('come back from their JSON', () => {
    const rows = [{ ...row, things: [{ thing: FILE, different: 1, count: 2, bytes: 8192 }] }];
    expect(parseNames(namesJson(rows))).toEqual(rows);
  });

  it('are bounded', () => {
    const things = Array.from({ length: 20 }, () => ({ thing: FILE, different: 1, count: 2, bytes: 8192 }));
    const rows = Array.from({ length: 100 }, () => ({ ...row, things }));
    const read = parseNames(namesJson(rows));
    expect([read.length, read[0].things.length]).toEqual([32, 8]);
    expect(parseNames(JSON.stringify(rows)).length).toBe(32);
  });

  it.each([
    '',
    '{',
    '7',
    '{}',
    '[null, 7, {}]',
    '[{"stackId":-1}]',
    JSON.stringify([{ ...row, looked: 1.5, things: [] }]),
  ])('are none in %s', (text) => {
    expect(parseNames(text)).toEqual([]);
  });

  it('lose what is no thing', () => {
    const named = { thing: FILE, different: 1, count: 2, bytes: 8192 };
    const things = [{ ...named, thing: { kind: 'gpu' } }, { ...named, count: -1 }, named, null];
    expect(parseNames(JSON.stringify([{ ...row, things }]))).toEqual([{ ...row, things: [named] }]);
  });
});
