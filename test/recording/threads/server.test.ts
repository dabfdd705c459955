import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import {
  GENERATION,
  type ThreadCommand,
  type ThreadInput,
  type ThreadPiece,
  threadMemory,
} from '../../../src/recording/threads/protocol.js';
import { serve } from '../../../src/recording/threads/server.js';
import { START_MARK } from '../../../src/recording/trace/reader-mark.js';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** The thread that pairs: sends a command and gives the next piece that answers it. */
function client(input: ThreadInput): (generation: number) => Promise<ThreadPiece> {
  const memory = threadMemory();
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve({ input, memory, port: port2 });
  return async (generation) => {
    new Int32Array(memory.control)[GENERATION] = generation;
    const answer = once(port1, 'message');
    port1.postMessage({ generation, mark: START_MARK, marks: false } satisfies ThreadCommand);
    const [piece] = (await answer) as [ThreadPiece];
    return piece;
  };
}

/** A descriptor that no process has open. */
const NO_DESCRIPTOR = 1 << 20;

it.each([
  ['parts', { type: 'parts', files: [{ path: 'gone', sizeBytes: 1, descriptor: NO_DESCRIPTOR }], dictionaries: [] }],
  ['spool', { type: 'spool', path: '/gone', options: {} }],
] satisfies [string, ThreadInput][])(
  'a read that fails (%s) fails for every later command, and never ends well',
  async (_, input) => {
    const ask = client(input);
    for (const generation of [1, 2, 3]) {
      const piece = await ask(generation);
      expect(piece).toMatchObject({ generation, ended: false, calls: [] });
      expect(piece.failure).toMatch(/gone/);
    }
  },
);
