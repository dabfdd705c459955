/** What the decode thread does: reads a recording and decodes it while another thread pairs what came before. */
import { readSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import { PartsReader, READ_BYTES } from '../files/parts-reader.js';
import { describeSystemError } from '../files/system-errors.js';
import type { ThreadCommand, ThreadMemory, ThreadPiece } from './protocol.js';
import { Superseded, ThreadSink } from './slot-sink.js';

/** One file; its descriptor is held open by the thread that pairs. */
export interface ThreadFile {
  path: string;
  sizeBytes: number;
  descriptor: number;
}

/** What the thread is started with. */
export interface ThreadInit {
  /** Of one recording, in the order of time. */
  files: ThreadFile[];
  memory: ThreadMemory;
  port: MessagePort;
  /** Messages that hold the dictionaries of whole files, from the first one on as far as files have an index. */
  dictionaries: Uint8Array[][];
}

/** Decodes on command until the port is closed. */
export function runDecodeThread({ files, memory, port, dictionaries }: ThreadInit): void {
  const dictionary = new TraceDictionary();
  const buffer = new Uint8Array(READ_BYTES);
  let generation = 0;
  let toldDamages = 0;
  const sink = new ThreadSink(memory, dictionary, (calls) => post({ calls }));
  const reader = new PartsReader(
    files.map(({ path, sizeBytes }) => ({ path, sizeBytes, part: null })),
    sink,
    dictionary,
    { nextBatch: () => sink.nextBatch(), onPart: (file, part) => sink.part(file, part) },
  );
  for (const [file, payloads] of dictionaries.entries()) reader.learn(file, payloads);

  function post(part: Partial<ThreadPiece>): void {
    const count = reader.damageCount;
    const damage = count === toldDamages ? null : { damages: [...reader.damages], count };
    toldDamages = count;
    const piece = { generation, calls: [], bytesRead: reader.bytesRead, ended: false, damage, failure: null };
    port.postMessage({ ...piece, ...part } satisfies ThreadPiece);
  }

  function read(): void {
    while (!reader.ended) {
      sink.check();
      const { descriptor } = files[reader.file];
      const length = readSync(descriptor, buffer, 0, buffer.length, reader.offset);
      reader.push(buffer.subarray(0, length));
      sink.flush();
    }
    post({ ended: true });
  }

  port.on('message', (command: ThreadCommand) => {
    ({ generation } = command);
    if (!sink.begin(generation)) return;
    try {
      reader.onMark = command.marks ? (mark) => sink.mark(mark) : null;
      reader.resume(command.mark);
      read();
    } catch (error) {
      if (error instanceof Superseded) return;
      const path = files[reader.file]?.path ?? files[0].path;
      post({ failure: `reading ${path} failed: ${describeSystemError(error)}` });
    }
  });
}
