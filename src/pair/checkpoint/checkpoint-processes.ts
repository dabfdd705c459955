/**
 * The memory of processes in a checkpoint, beside its tables (checkpoint-table.ts): who the processes are, what the kernel
 * counted of them, and heap blocks that may come back.
 */
import { HEAP } from '../../event/kinds.js';
import type { PathTable } from '../path-table.js';
import type { ProcessMemory } from '../process-memory.js';
import { ImageTable } from '../processes/image-table.js';
import { ProcessTable } from '../processes/process-table.js';
import { ResidentPages } from '../processes/resident-pages.js';
import { ReturningBlocks } from '../processes/returning-blocks.js';
import { SpaceHistory } from '../processes/space-history.js';
import { CheckpointError, type StateReader, type StateWriter } from './checkpoint-bytes.js';

/** The numbers of ProcessMemory, in the order in which they are saved. */
const NUMBERS = ['moveFrom', 'movePages', 'moveProcess', 'hugeBlocks', 'uncopiedForks'] as const;

export function saveProcesses(writer: StateWriter, memory: ProcessMemory): void {
  for (const name of NUMBERS) writer.exact(memory[name]);
  const { processes, resident, history, returning, images } = memory;
  const parts = [processes, resident, history, returning, images];
  writer.text(JSON.stringify(parts.map((part) => part.save())));
}

/** Restores what is beside the tables, which must have been restored before. Throws a CheckpointError. */
export function restoreProcesses(reader: StateReader, memory: ProcessMemory, paths: PathTable): void {
  for (const name of NUMBERS) memory[name] = reader.exact();
  const saved = parsed(reader.text());
  const [processes, resident, history, returning, images] = [
    ProcessTable.restore(saved[0]),
    ResidentPages.restore(saved[1]),
    SpaceHistory.restore(saved[2]),
    ReturningBlocks.restore(saved[3], (path) => path <= paths.size && paths.allocator[path] === HEAP),
    ImageTable.restore(saved[4]),
  ];
  const parts = { processes, resident, history, returning, images };
  if (Object.values(parts).includes(null)) throw new CheckpointError('processes that cannot be');
  Object.assign(memory, parts);
  if (!memory.restoreIndexes()) throw new CheckpointError('a page that is held twice');
}

function parsed(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    throw new CheckpointError('processes that are no JSON');
  }
}
