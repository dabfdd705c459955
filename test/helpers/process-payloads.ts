/** Payloads of the messages about processes (bpf/README.md), and event records of their memory. */
import {
  PROCESS_REASONS,
  type ProcessEvent,
  type ResidentRow,
  type TracedImage,
} from '../../src/event/process-facts.js';
import { joined, utf8 } from './stream-bytes.js';

export const PROCESS = 18;
export const IMAGE = 19;
export const HELD = 21;
export const RESIDENT = 22;

export function processPayload(timeNs: number, process: ProcessEvent): Uint8Array {
  const [exe, cmdline] = [utf8(process.exe), utf8(process.cmdline)];
  const head = new DataView(new ArrayBuffer(40));
  head.setBigUint64(0, BigInt(timeNs), true);
  head.setUint32(8, process.number, true);
  head.setUint32(12, process.pid, true);
  head.setBigUint64(16, BigInt(process.startNs), true);
  head.setUint32(24, process.parent, true);
  head.setUint8(28, PROCESS_REASONS.indexOf(process.why));
  head.setUint8(29, Number(process.stays));
  head.setUint16(30, exe.length, true);
  head.setUint16(32, cmdline.length, true);
  return joined([new Uint8Array(head.buffer), exe, cmdline]);
}

export function imagePayload({ number, buildId, path }: TracedImage): Uint8Array {
  const id = Uint8Array.from(buildId.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, number, true);
  head.setUint16(4, id.length, true);
  head.setUint16(6, utf8(path).length, true);
  return joined([new Uint8Array(head.buffer), id, utf8(path)]);
}

export interface WireHeld {
  key: bigint;
  bytes: bigint;
  stack?: number;
  comm?: number;
  pid?: number;
  /** Number of the address space: 4 heap, 5 map, 6 reserved. */
  space: number;
}

export function heldPayload(timeNs: number, rows: readonly WireHeld[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 + rows.length * 32));
  view.setBigUint64(0, BigInt(timeNs), true);
  for (const [i, row] of rows.entries()) {
    const at = 8 + i * 32;
    view.setBigUint64(at, row.key, true);
    view.setBigUint64(at + 8, row.bytes, true);
    view.setUint32(at + 16, row.stack ?? 0, true);
    view.setUint32(at + 20, row.comm ?? 0, true);
    view.setUint32(at + 24, row.pid ?? 0, true);
    view.setUint8(at + 28, row.space);
  }
  return new Uint8Array(view.buffer);
}

export function residentPayload(
  timeNs: number,
  process: number,
  isWhole: boolean,
  rows: readonly ResidentRow[],
): Uint8Array {
  const view = new DataView(new ArrayBuffer(16 + rows.length * 16));
  view.setBigUint64(0, BigInt(timeNs), true);
  view.setUint32(8, process, true);
  view.setUint32(12, Number(isWhole), true);
  for (const [i, row] of rows.entries()) {
    view.setBigUint64(16 + i * 16, BigInt(row.firstPage), true);
    view.setUint32(24 + i * 16, row.pages, true);
    view.setUint32(28 + i * 16, row.resident, true);
  }
  return new Uint8Array(view.buffer);
}

/** The key of an address of a process. */
export function keyOf(process: number, address: bigint): bigint {
  return (BigInt(process) << 48n) | address;
}

/** An event record: its words behind the first. */
export function record(timeNs: number, kind: number, ...words: bigint[]): Uint8Array {
  return new Uint8Array(new BigUint64Array([(BigInt(timeNs) << 8n) | BigInt(kind), ...words]).buffer);
}

/** Words 2 and 3 of an alloc. */
export function takenBy(stack: number, pid: number, comm: number, cpu: number): [bigint, bigint] {
  return [(BigInt(pid) << 32n) | BigInt(stack), BigInt(comm) | (BigInt(cpu) << 32n)];
}
