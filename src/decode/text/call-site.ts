/**
 * CallSite: a copy of an event's call site, kept until it is known that no stack follows; by then the event's line is
 * gone. Besides the field it has the function's name, where libtraceevent's plugin printed one: kernels before 5.5
 * print a bare address.
 */

/** Room for symbol+0x1b/0x40 [module]; a kernel symbol has at most 512 bytes. */
const MOST_BYTES = 600;

export class CallSite {
  /** The field, then the name. */
  readonly bytes = new Uint8Array(2 * MOST_BYTES);
  /** Bytes of the field, 0 = there is none. */
  fieldBytes = 0;
  nameBytes = 0;

  clear(): void {
    this.fieldBytes = this.nameBytes = 0;
  }

  /** Takes the field bytes[start .. end) of a line. */
  setField(bytes: Uint8Array, start: number, end: number): void {
    this.fieldBytes = Math.min(end - start, MOST_BYTES);
    this.bytes.set(bytes.subarray(start, start + this.fieldBytes));
    this.nameBytes = 0;
  }

  /** Takes the name bytes[start .. end) of the same line, after the field. */
  setName(bytes: Uint8Array, start: number, end: number): void {
    this.nameBytes = Math.min(end - start, MOST_BYTES);
    this.bytes.set(bytes.subarray(start, start + this.nameBytes), this.fieldBytes);
  }
}
