import { expect, test } from 'vitest';
import { StreamDecoder } from '../../../src/decode/stream/stream-decoder.js';
import type { HostFacts } from '../../../src/event/host-facts.js';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { StreamBytes, utf8 } from '../../helpers/stream-bytes.js';

const ALIASES = 12;

/** The host facts that a stream gives, in order. */
function hostsOf(stream: StreamBytes): HostFacts[] {
  const hosts: HostFacts[] = [];
  const sink = {
    events: (): void => undefined,
    fact: (fact: { type: string; facts?: HostFacts }): void => {
      if (fact.type === 'host' && fact.facts !== undefined) hosts.push(fact.facts);
    },
  };
  const decoder = new StreamDecoder(sink, new TraceDictionary());
  decoder.push(stream.bytes());
  decoder.finish();
  return hosts;
}

test('the names of merged caches join the host facts, and stay there when the host comes again', () => {
  const text = 'UNIX\0:a\0signal_cache\0:a\0alone\0:b\0';
  const hosts = hostsOf(
    new StreamBytes()
      .host({ hostname: 'box' })
      .message(ALIASES, utf8(text))
      .host({ hostname: 'box', notes: ['new'] }),
  );
  expect(hosts.map((facts) => facts.mergedCaches)).toEqual([
    [],
    [['UNIX', 'signal_cache']],
    [['UNIX', 'signal_cache']],
  ]);
  expect(hosts[2].notes).toEqual(['new']);
});

test('a stream without aliases has none', () => {
  expect(hostsOf(new StreamBytes().host({ hostname: 'box' }))[0].mergedCaches).toEqual([]);
});

test('a message of a kind that is not known is passed over, whatever is in it', () => {
  const hosts = hostsOf(
    new StreamBytes()
      .host({ hostname: 'box' })
      .message(ALIASES + 1, utf8('UNIX\0:a\0signal_cache\0:a\0'))
      .host({ hostname: 'box', notes: ['behind it'] }),
  );
  expect(hosts.map((facts) => [facts.mergedCaches, facts.notes])).toEqual([
    [[], []],
    [[], ['behind it']],
  ]);
});

test('thousands of names, and huge ones, are kept within bounds', () => {
  const thousands = Array.from({ length: 9000 }, (_, i) => `cache_${i}\0:${i % 3}\0`).join('');
  const [, { mergedCaches }] = hostsOf(new StreamBytes().host({}).message(ALIASES, utf8(thousands)));
  expect(mergedCaches.flat().length).toBe(2048);
  const huge = ['a', 'b'].map((letter) => `${letter.repeat(200_000)}\0:x\0`).join('');
  const [, big] = hostsOf(new StreamBytes().host({}).message(ALIASES, utf8(huge)));
  expect(big.mergedCaches).toEqual([['a'.repeat(256), 'b'.repeat(256)]]);
});

test('a message that is larger than any machine sends is damage, and the rest is read', () => {
  const aliases = utf8(`${'x'.repeat(2 << 20)}\0:a\0`);
  const hosts = hostsOf(new StreamBytes().host({}).message(ALIASES, aliases).host({ hostname: 'behind' }));
  expect(hosts.map((facts) => [facts.hostname, facts.mergedCaches])).toEqual([
    ['', []],
    ['behind', []],
  ]);
});
