/**
 * Frames of processes, by the bits of their addresses (bpf/README.md). A return address is relative to its file; code
 * of no file, which a program made at run time, keeps its own address; a synthetic frame stands for memory that was
 * there before the trace, and its name says which.
 */

/** What a frame is. `code` is of a process only in a path that has another frame of one. */
export type FrameKind = 'kernel' | 'image' | 'code' | 'synthetic';

/** `hi`: the upper 32 bits of the frame's address. */
export function frameKind(hi: number): FrameKind {
  const word = hi >>> 0;
  // Bits 63 and 62 set, 61 to 48 clear: no address of a kernel looks like it.
  if (word >>> 16 === 0xc000) return 'synthetic';
  if (word >>> 30 === 1) return 'image';
  return word >>> 30 === 0 ? 'code' : 'kernel';
}

/** True for a frame that only a path of a process has. On other machines than x86-64 kernel addresses may look like it. */
export function isOfProcess(kind: FrameKind): boolean {
  return kind === 'image' || kind === 'synthetic';
}

/** True for code that a process made at run time, by its address as text. A run time makes it anew while it runs. */
export function isCodeAddress(address: string): boolean {
  return /^0x0000[0-7][0-9a-f]{11}$/.test(address);
}

/** True for the address of a synthetic frame as text: '0xc000000000000002'. */
export function isSyntheticAddress(address: string): boolean {
  return /^0xc000[0-9a-f]{12}$/.test(address);
}
