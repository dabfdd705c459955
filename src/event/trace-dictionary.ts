import { NameTable } from './tables/name-table.js';
import { StackTable } from './tables/stack-table.js';
import { TaskTable } from './tables/task-table.js';

/** Pairing keeps the id of a name in 16 bits, where 0 is unknown. */
export const NAMES_LIMIT = 65535;

/**
 * TraceDictionary: the meaning of the ids in an EventBatch. The producer (decoder or recording
 * reader) owns it and adds new entries before it passes on the batch that uses them. Consumers see
 * new entries by the `size` of the tables, which only grows.
 */
export class TraceDictionary {
  readonly stacks = new StackTable();
  /** Process names with their cgroups. */
  readonly comms = new TaskTable(NAMES_LIMIT);
  /** Cgroups, as cgroups.ts writes them. */
  readonly cgroups = new NameTable(NAMES_LIMIT);
  readonly caches = new NameTable(NAMES_LIMIT);
}
