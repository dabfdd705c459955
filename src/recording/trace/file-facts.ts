import { DAMAGED_SPANS_KEPT, type Damage } from '../../event/damage.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import { DefinitionsDecoder } from '../format/definitions.js';
import { RecordingSizes } from '../format/sizes.js';

/**
 * FileFacts: what readers have learned of one file of a recording. It is kept when the file is read
 * again, also by another reader. Damage and sizes count each byte once, however often it is read.
 */
export class FileFacts {
  /** The first DAMAGED_SPANS_KEPT; damageCount counts all. */
  readonly damagedSpans: Damage[] = [];
  damageCount = 0;
  readonly sizes = new RecordingSizes();
  definitions: DefinitionsDecoder;
  private readonly dictionary: TraceDictionary;
  /** Damage and sizes of the bytes before this place have been counted. */
  private countedTo = 0;

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
    this.definitions = new DefinitionsDecoder(dictionary);
  }

  /** Notes that all bytes before a place in the file were read. */
  readTo(byteOffset: number): void {
    this.countedTo = Math.max(this.countedTo, byteOffset);
  }

  /** True if the chunk at a place is read for the first time. */
  isFirstRead(byteOffset: number): boolean {
    return byteOffset >= this.countedTo;
  }

  /** Drops the definitions: the next read starts at the beginning and defines them again. */
  forgetDefinitions(): void {
    this.definitions = new DefinitionsDecoder(this.dictionary);
  }

  addDamage(damage: Damage): void {
    this.damageCount++;
    if (this.damagedSpans.length < DAMAGED_SPANS_KEPT) this.damagedSpans.push(damage);
  }
}
