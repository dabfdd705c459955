import { NameTable } from './name-table.js';
import { StackTable } from './stack-table.js';

/**
 * What the ids in an EventBatch stand for. A producer (decoder or recording reader) owns one and adds to it before it
 * hands over the batch that mentions the new ids; consumers see new entries by the tables' growing `size`.
 */
export class TraceDictionary {
  readonly stacks = new StackTable();
  readonly comms = new NameTable(65536);
  readonly caches = new NameTable(65536);
}
