/**
 * Runs a guest in QEMU. One virtual CPU: with several, emulated in threads, a guest that patches
 * its code (as enabling a tracepoint does) may run the stale instruction on another one and panic.
 * The guest can write only to the folder of its results.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Ending, runFor, say } from './shell.js';

export type Accelerator = 'kvm' | 'tcg';

/** A stock kernel boots within this time under KVM, if KVM really works. */
const KVM_TRIAL_MS = 10_000;
const MEMORY = '2G';

export interface Guest {
  vmlinux: string;
  initrd: string;
  /** Folder for results, shared with the guest. */
  out: string;
  /** More options for the collector. */
  collectorOptions: string;
  /** Run a second collector, without any options. */
  hasWitness: boolean;
  /** Run the collector with fewer rights than root's. */
  hasFewerRights: boolean;
}

/** Tries whether KVM boots a stock kernel here: the existence of /dev/kvm does not prove it. */
export async function chooseAccelerator(vmlinux: string, initrd: string, folder: string): Promise<Accelerator> {
  if (!existsSync('/dev/kvm')) return 'tcg';
  const out = join(folder, 'kvm-trial');
  const { seconds, timedOut } = await launch(
    { vmlinux, initrd, out, collectorOptions: '', hasWitness: false, hasFewerRights: false },
    'kvm',
    'uf_probe',
    KVM_TRIAL_MS,
    true,
  );
  const booted = !timedOut && consoleOf(out).includes('GUEST booted');
  say(booted ? `KVM works (${seconds.toFixed(1)} s)` : 'KVM does not boot a stock kernel here: emulating');
  return booted ? 'kvm' : 'tcg';
}

export interface GuestRun {
  ending: Ending;
  /** True if the guest got to the end of its list. */
  finished: boolean;
}

/** Boots a guest that ends by itself, and again if it did not get to the end of its list. */
export async function runGuest(guest: Guest, accelerator: Accelerator, timeoutMs: number): Promise<GuestRun> {
  const append = `uf_collect="${guest.collectorOptions}"${guest.hasWitness ? ' uf_witness' : ''}${guest.hasFewerRights ? ' uf_rights' : ''}`;
  for (let attempt = 1; ; attempt++) {
    const ending = await launch(guest, accelerator, append, timeoutMs);
    const finished = existsSync(join(guest.out, 'rc'));
    if (finished || attempt === 2) return { ending, finished };
    const tail = consoleOf(guest.out).trim().split('\n').slice(-12).join('\n');
    say(`the guest ended without a result after ${ending.seconds.toFixed(0)} s; its console's last lines:\n${tail}`);
    say('once more');
  }
}

async function launch(
  guest: Guest,
  accelerator: Accelerator,
  append: string,
  timeoutMs: number,
  quiet = false,
): Promise<Ending> {
  rmSync(guest.out, { recursive: true, force: true });
  mkdirSync(guest.out, { recursive: true });
  const machine = accelerator === 'kvm' ? '-accel kvm -cpu host' : '-accel tcg,thread=single -cpu max';
  const args = `-M q35 -smp 1 -m ${MEMORY} ${machine} -nodefaults -display none -monitor none -no-reboot`.split(' ');
  args.push('-serial', `file:${join(guest.out, 'console')}`, '-kernel', guest.vmlinux, '-initrd', guest.initrd);
  // A panic must end the guest: panic=-1 reboots at once, and -no-reboot turns that into an end.
  args.push('-append', `console=ttyS0 panic=-1 quiet ${append}`);
  args.push('-virtfs', `local,path=${guest.out},mount_tag=out,security_model=none,multidevs=remap`);
  return runFor('qemu-system-x86_64', args, timeoutMs, quiet);
}

function consoleOf(out: string): string {
  const path = join(out, 'console');
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}
