/**
 * What the decode thread does with an input that can be read only from its start: decodes it and fills its spool
 * (file-spooled.ts), while another thread pairs what came before.
 *
 * An input is decoded once, so what is read when reading is to go on elsewhere is decoded to its end all the same: it
 * goes in the spool, and to nobody.
 */
import type { MessagePort } from 'node:worker_threads';
import { UserError } from '../../base/errors.js';
import type { EventBatch } from '../../event/event-batch.js';
import { PassingSink } from '../../event/passing-sink.js';
import { TraceDictionary } from '../../event/trace-dictionary.js';
import { openSpooled, type SpooledRecording, type SpoolOptions } from '../files/spooled-recording.js';
import { describeSystemError } from '../files/system-errors.js';
import { SLOT_EVENTS, type ThreadCommand, type ThreadMemory, type ThreadPiece } from './protocol.js';
import { Superseded, ThreadSink } from './slot-sink.js';

/** What the thread is started with. */
export interface SpoolThreadInit {
  /** A file that is nothing that has to be read by a descriptor of its own. */
  spooledPath: string;
  options: SpoolOptions;
  memory: ThreadMemory;
  port: MessagePort;
}

/** Decodes on command until the port is closed. */
export function runSpoolThread({ spooledPath, options, memory, port }: SpoolThreadInit): void {
  const dictionary = new TraceDictionary();
  const sink = new ThreadSink(memory, dictionary, (calls) => post({ calls }));
  const slots = new SlotSink(sink);
  let spooled: SpooledRecording | null = null;
  let generation = 0;
  let toldDamages = 0;

  function post(part: Partial<ThreadPiece>): void {
    const count = spooled?.damageCount ?? 0;
    const damage = count === toldDamages ? null : { damages: [...(spooled?.damages ?? [])], count };
    toldDamages = count;
    const bytesRead = spooled?.bytesRead ?? 0;
    const slowness = spooled?.slowness;
    const piece = { generation, calls: [], bytesRead, ended: false, damage, failure: null, slowness };
    port.postMessage({ ...piece, ...part } satisfies ThreadPiece);
  }

  async function open(): Promise<SpooledRecording> {
    spooled = await openSpooled(spooledPath, slots, dictionary, options);
    return spooled;
  }

  async function run(command: ThreadCommand): Promise<void> {
    ({ generation } = command);
    if (!slots.begin(generation)) return;
    const isFirst = spooled === null;
    const input = spooled ?? (await open());
    if (!isFirst) {
      if (!input.canResume) throw new UserError(input.slowness);
      input.resume(command.mark);
    }
    input.onMark = command.marks ? (mark) => sink.mark(mark) : null;
    for (let goesOn = true; goesOn; ) {
      goesOn = await input.readNext();
      if (slots.isVoid) return;
      sink.flush();
    }
    post({ ended: true });
  }

  let last = Promise.resolve();
  port.on('message', (command: ThreadCommand) => {
    last = last
      .then(() => run(command))
      .catch((error: unknown) =>
        post({ failure: error instanceof UserError ? error.message : describeSystemError(error) }),
      );
  });
}

/** Copies events into the slots; when reading is to go on elsewhere it takes no notice of anything. */
class SlotSink extends PassingSink<ThreadSink> {
  private isOver = false;

  /** False when that generation is over before it has begun. */
  begin(generation: number): boolean {
    this.isOver = false;
    return this.sink.begin(generation);
  }

  /** Is reading to go on elsewhere? */
  get isVoid(): boolean {
    this.attempt(() => this.sink.check());
    return this.isOver;
  }

  override events(batch: EventBatch): void {
    for (let from = 0; from < batch.length && !this.isOver; from += SLOT_EVENTS) {
      this.attempt(() => {
        const slot = this.sink.nextBatch();
        slot.append(batch, from, Math.min(from + SLOT_EVENTS, batch.length));
        this.sink.events(slot);
      });
    }
  }

  private attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
      this.isOver = true;
    }
  }
}
