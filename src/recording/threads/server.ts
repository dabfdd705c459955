/**
 * The decode thread's side: reads and decodes a recording, with any reader, while another thread
 * pairs the events before it. It reads on command until the port is closed.
 */
import { UserError } from '../../base/errors.js';
import { describeSystemError } from '../../base/system-errors.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import { PartedRecording } from '../files/parted-recording.js';
import { ReadHandle } from '../files/read-handle.js';
import { openSpooled } from '../files/spooled-recording.js';
import { START_MARK } from '../trace/reader-mark.js';
import type { RecordingMark, SeekableRecording } from '../trace/seekable-recording.js';
import type { ThreadCommand, ThreadInit, ThreadInput, ThreadPiece } from './protocol.js';
import { SlotSink, Superseded } from './slot-sink.js';

/** Serves the thread at the other end of the port. */
export function serve({ input, memory, port }: ThreadInit): void {
  const dictionary = new TraceDictionary();
  const sink = new SlotSink(memory, dictionary, (calls) => post({ calls }));
  let recording: SeekableRecording | null = null;
  let generation = 0;
  let sentSpans = 0;
  /** Why reading failed; a reader that failed has closed itself, so this answers every later command too. */
  let failure: string | null = null;

  function post(part: Partial<ThreadPiece>): void {
    const count = recording?.damageCount ?? 0;
    const damage = count === sentSpans ? null : { damagedSpans: [...(recording?.damagedSpans ?? [])], count };
    sentSpans = count;
    const bytesRead = recording?.bytesRead ?? 0;
    const slowness = recording?.slowness;
    const piece = { generation, calls: [], bytesRead, ended: false, damage, failure: null, slowness };
    port.postMessage({ ...piece, ...part } satisfies ThreadPiece);
  }

  async function run(command: ThreadCommand): Promise<void> {
    ({ generation } = command);
    if (!sink.begin(generation)) return;
    if (failure !== null) {
      post({ failure });
      return;
    }
    const isFresh = recording === null;
    recording ??= await openInput(input, sink, dictionary);
    if (!isFresh && recording.canResume === false) throw new UserError(recording.slowness ?? '');
    recording.onMark = command.marks ? (mark) => sink.mark(mark) : null;
    // A fresh recording stands at its start already, and its spool is still empty.
    if (!isFresh || !isStart(command.mark)) recording.resume(command.mark);
    for (let goesOn = true; goesOn; ) {
      goesOn = await recording.readNext();
      sink.check();
      sink.flush();
    }
    post({ ended: true });
  }

  let last = Promise.resolve();
  port.on('message', (command: ThreadCommand) => {
    last = last
      .then(() => run(command))
      .catch((error: unknown) => {
        if (error instanceof Superseded) return;
        failure =
          error instanceof UserError ? error.message : `reading ${pathOf(input)} failed: ${describeSystemError(error)}`;
        post({ failure });
      });
  });
}

/** Opens the input a second time, in this thread. */
async function openInput(input: ThreadInput, sink: SlotSink, dictionary: TraceDictionary): Promise<SeekableRecording> {
  if (input.type === 'spool') return openSpooled(input.path, sink, dictionary, input.options);
  const { files, dictionaries } = input;
  const opened = {
    files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes, part: null })),
    handles: files.map(({ descriptor }) => ReadHandle.borrow(descriptor)),
    index: { checkpoints: [], dictionaries, symbols: [] },
  };
  return new PartedRecording(opened, sink, dictionary, {
    nextBatch: () => sink.nextBatch(),
    onPart: (file, part) => sink.part(file, part),
  });
}

function pathOf(input: ThreadInput): string {
  return input.type === 'spool' ? input.path : input.files[0].path;
}

function isStart({ part, byteOffset }: RecordingMark): boolean {
  return part === undefined && byteOffset === START_MARK.byteOffset;
}
