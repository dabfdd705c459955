/** Tar archives made by hand, so that a test decides every byte of a header. */
import { Buffer } from 'node:buffer';

export interface TarEntry {
  name: string;
  content?: string | Uint8Array;
  /** '0' file, '1' hard link, '2' symbolic link, '3' device, '5' folder, 'L' long name, 'x' pax. */
  type?: string;
  link?: string;
  /** Said in the header, instead of the content's. */
  size?: number;
  badChecksum?: boolean;
}

/** Returns an archive; without `end` it lacks the two empty blocks. */
export function tar(entries: readonly TarEntry[], end = true): Buffer {
  const blocks: Buffer[] = [];
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    blocks.push(
      header(entry, entry.size ?? content.length),
      content,
      Buffer.alloc((512 - (content.length % 512)) % 512),
    );
  }
  return Buffer.concat([...blocks, Buffer.alloc(end ? 1024 : 0)]);
}

function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(entry.name.slice(0, 100), 0, 'latin1');
  block.write('0000644\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write(`${(1_772_446_333).toString(8).padStart(11, '0')}\0`, 136);
  block.write(entry.type ?? '0', 156);
  block.write(entry.link ?? '', 157, 'latin1');
  block.write('ustar\x0000', 257);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0) + (entry.badChecksum === true ? 1 : 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Returns the records of a pax header. */
export function pax(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const body = ` ${key}=${value}\n`;
      let length = Buffer.byteLength(body) + 1;
      while (String(length).length + Buffer.byteLength(body) !== length) length++;
      return `${length}${body}`;
    })
    .join('');
}
