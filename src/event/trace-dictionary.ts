import { NameTable } from './name-table.js';
import { StackTable } from './stack-table.js';

/**
 * TraceDictionary: the meaning of the ids in an EventBatch. The producer (decoder or recording
 * reader) owns it and adds new entries before it passes on the batch that uses them. Consumers see
 * new entries by the `size` of the tables, which only grows.
 */
export class TraceDictionary {
  readonly stacks = new StackTable();
  readonly comms = new NameTable(65536);
  readonly caches = new NameTable(65536);
}
