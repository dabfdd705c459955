/**
 * Takes the ELF kernel out of a bzImage: QEMU boots it directly (PVH), without real-mode code and
 * without unpacking it under emulation, which halves the boot time.
 *
 * Layout: Documentation/arch/x86/boot.rst in the kernel's sources.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const SETUP_SECTORS_AT = 0x1f1;
const PAYLOAD_OFFSET_AT = 0x248;
const PAYLOAD_LENGTH_AT = 0x24c;
const ELF_MAGIC = 0x464c457f;

const UNPACKERS: { magic: number[]; command: string[] }[] = [
  { magic: [0xfd, 0x37, 0x7a], command: ['xz', '-dc'] },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], command: ['zstd', '-dc'] },
  { magic: [0x1f, 0x8b], command: ['gzip', '-dc'] },
];

export function extractVmlinux(bzImage: string, target: string): void {
  const image = readFileSync(bzImage);
  const start = (image[SETUP_SECTORS_AT] + 1) * 512 + image.readUInt32LE(PAYLOAD_OFFSET_AT);
  const payload = image.subarray(start, start + image.readUInt32LE(PAYLOAD_LENGTH_AT));
  const unpacker = UNPACKERS.find(({ magic }) => magic.every((byte, i) => payload[i] === byte));
  if (unpacker === undefined) throw new Error(`${bzImage}: packed in a way that is not known`);
  // The last four bytes are the length of the unpacked kernel: the unpacker reports them as an
  // error, after it has unpacked all.
  const run = spawnSync(unpacker.command[0], unpacker.command.slice(1), { input: payload, maxBuffer: 1 << 28 });
  const expected = payload.readUInt32LE(payload.length - 4);
  if (run.stdout.length < expected || run.stdout.readUInt32LE(0) !== ELF_MAGIC) {
    throw new Error(`${bzImage}: ${run.stdout.length} bytes came out, expected an ELF file of ${expected}`);
  }
  writeFileSync(target, run.stdout);
}
