/** Starts a decode thread. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { type ThreadInit, type ThreadInput, threadMemory } from './protocol.js';
import { type ThreadedInput, ThreadedRecording } from './threaded-recording.js';

export interface ThreadOptions {
  /** Decode in another thread: always, never, or (absent) if it saves time. */
  thread?: boolean;
  /**
   * The thread's program; absent = decode-thread.js beside this program, or no thread if that was
   * not built.
   */
  threadProgram?: URL;
}

/**
 * Returns a recording that another thread reads and decodes; null where there can be no thread: its
 * program was not built (tests run the sources), or the system gives none. `input` names for the
 * thread what `opened` is for this one.
 */
export function startThread(
  input: ThreadInput,
  opened: ThreadedInput,
  program = new URL('./decode-thread.js', import.meta.url),
): ThreadedRecording | null {
  if (!existsSync(fileURLToPath(program))) return null;
  const memory = threadMemory();
  const { port1, port2 } = new MessageChannel();
  let worker: Worker;
  try {
    const workerData = { input, memory, port: port2 } satisfies ThreadInit;
    worker = new Worker(program, { workerData, transferList: [port2] });
  } catch {
    return null;
  }
  const terminate = (): Promise<unknown> => worker.terminate();
  const threaded = new ThreadedRecording(opened, { memory, port: port1, terminate });
  worker.on('error', (error: Error) => threaded.fail(error));
  return threaded;
}
