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
