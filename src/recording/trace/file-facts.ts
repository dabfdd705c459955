import { DAMAGES_KEPT, type Damage } from '../../event/damage.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import { DefinitionsDecoder } from '../format/definitions.js';
import { RecordingSizes } from '../format/sizes.js';

/**
 * FileFacts: what stays known of a file of a recording while it is read, and when it is read again, be it by another
 * reader. Damage and sizes are of each byte once, however often it is read.
 */
export class FileFacts {
  /** The first ones; damageCount counts all. */
  readonly damagedSpans: Damage[] = [];
  damageCount = 0;
  readonly sizes = new RecordingSizes();
  definitions: DefinitionsDecoder;
  private readonly dictionary: TraceDictionary;
  /** Up to here, damage and sizes were counted already. */
  private countedTo = 0;

  constructor(dictionary: TraceDictionary) {
    this.dictionary = dictionary;
    this.definitions = new DefinitionsDecoder(dictionary);
  }

  /** Everything before a place in the file was read. */
  readTo(byteOffset: number): void {
    this.countedTo = Math.max(this.countedTo, byteOffset);
  }

  /** Is a chunk read for the first time? */
  isFirstRead(byteOffset: number): boolean {
    return byteOffset >= this.countedTo;
  }

  /** It will only be read from its start again, which tells them anew. */
  forgetDefinitions(): void {
    this.definitions = new DefinitionsDecoder(this.dictionary);
  }

  addDamage(damage: Damage): void {
    this.damageCount++;
    if (this.damagedSpans.length < DAMAGES_KEPT) this.damagedSpans.push(damage);
  }
}
