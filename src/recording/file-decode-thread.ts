/** What the decode thread does: reads a recording and decodes it while another thread pairs what came before. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { TraceDictionary } from '../event/trace-dictionary.js';
import { decodeChunk } from './chunk-message.js';
import { crc32, decompress } from './file-compression.js';
import { describeSystemError } from './file-errors.js';
import { RecordingReader } from './reader.js';
import type { ThreadCommand, ThreadMemory, ThreadPiece } from './thread-protocol.js';
import { Superseded, ThreadSink } from './thread-sink.js';

/** What the thread is started with. */
export interface ThreadInit {
  path: string;
  memory: ThreadMemory;
  port: MessagePort;
  /** Messages that hold the dictionary of the whole recording, from its index. */
  dictionary: Uint8Array[];
}

const READ_BYTES = 1 << 18;

/** Decodes on command until the port is closed. */
export function runDecodeThread({ path, memory, port, dictionary: known }: ThreadInit): void {
  const dictionary = new TraceDictionary();
  const buffer = new Uint8Array(READ_BYTES);
  let generation = 0;
  let byteOffset = 0;
  const sink = new ThreadSink(memory, dictionary, (calls) => post({ calls }));
  const reader = new RecordingReader(sink, dictionary, {
    decompress,
    crc32,
    onMark: (mark) => sink.mark(mark),
    nextBatch: () => sink.nextBatch(),
  });
  for (const bytes of known) reader.learn(decodeChunk(bytes).definitions ?? {});

  function post(part: Partial<ThreadPiece>): void {
    const piece = { generation, calls: [], byteOffset, ended: false, damages: [], damageCount: 0, failure: null };
    port.postMessage({ ...piece, ...part } satisfies ThreadPiece);
  }

  function read(fd: number): void {
    while (!reader.ended) {
      sink.check();
      const length = readSync(fd, buffer, 0, buffer.length, byteOffset);
      byteOffset += length;
      if (length > 0) reader.push(buffer.subarray(0, length));
      else reader.finish();
      sink.flush();
    }
    post({ ended: true, damages: [...reader.damages], damageCount: reader.damageCount });
  }

  port.on('message', (command: ThreadCommand) => {
    ({ generation } = command);
    byteOffset = command.mark.byteOffset;
    if (!sink.begin(generation)) return;
    let fd = -1;
    try {
      fd = openSync(path, 'r');
      reader.resume(command.mark);
      read(fd);
    } catch (error) {
      if (!(error instanceof Superseded)) post({ failure: describeSystemError(error) });
    } finally {
      if (fd >= 0) closeSync(fd);
    }
  });
}
