/** Words for what memory belongs to. Names in them are untrusted: safeText() before a terminal. */
import { formatCount } from '../base/format.js';
import type { NamedThing } from './named-row.js';
import type { Thing } from './thing.js';

/** '/dev/shm/big.bin (tmpfs on /dev/shm)', 'TCP ESTABLISHED 10.0.0.1:443 <- 12 peers', 'BPF map 7 events (ringbuf)'. */
export function thingText({ thing, different }: Pick<NamedThing, 'thing' | 'different'>): string {
  switch (thing.kind) {
    case 'file':
      return fileText(thing);
    case 'block-device':
      return joined('block device', thing.path, thing.path === '' ? thing.device : `(${thing.device})`);
    case 'dentry':
      return dentryText(thing, different);
    case 'socket':
      return socketText(thing, different);
    case 'bpf-map':
      return joined(
        'BPF map',
        thing.id === 0 ? '' : String(thing.id),
        thing.path,
        thing.type === '' ? '' : `(${thing.type})`,
      );
    default:
      return joined('device', thing.path);
  }
}

function fileText(thing: Thing): string {
  const { path, mount, fs, source, device, inode } = thing;
  const where =
    mount === '' ? (path.startsWith('/') || path === '' ? fs : `${fs}, mounted nowhere`) : `${fs} on ${mount}`;
  // A device with a name of its own tells which disk; tmpfs is only called tmpfs.
  const disk = source === '' || source === fs ? '' : ` of ${source}`;
  const notes = [where + disk, thing.deleted ? 'deleted' : '', thing.elsewhere ? 'mounted in another namespace' : ''];
  // A recording may have been made anonymous.
  const name = path !== '' ? path : inode === 0 ? 'a file' : `inode ${inode} on device ${device}`;
  const known = notes.filter((note) => note !== '').join(', ');
  return known === '' ? name : `${name} (${known})`;
}

function dentryText({ path, fs, mount, missing }: Thing, different: number): string {
  const where = mount === '' ? fs : `${fs} on ${mount}`;
  const names = different === 1 ? (missing ? 'name not found' : 'name') : missing ? 'names not found in' : 'names in';
  return joined(names, path || '?', where === '' ? '' : `(${where})`);
}

function socketText(thing: Thing, different: number): string {
  const { protocol, state, local, peer, closed, inode, peerInode } = thing;
  // Without connections a socket is always in the state CLOSE.
  const words = [protocol, state === 'CLOSE' ? '' : state];
  const many = different > 1;
  if (local !== '' || peer !== '') words.push(endsText(local, peer, different));
  else if (inode !== 0 && !many) words.push(`inode ${inode}${peerInode === 0 ? '' : ` <-> ${peerInode}`}`);
  else if (many) words.push(`${formatCount(different)} sockets`);
  if (closed) words.push('(no process has it open)');
  return joined(...words);
}

function joined(...words: string[]): string {
  return words.filter((word) => word !== '').join(' ');
}

/** Which end began is not known: the arrow only tells the two apart. */
function endsText(local: string, peer: string, different: number): string {
  if (different > 1) {
    return peer === '' ? `${local} <- ${formatCount(different)} peers` : `${formatCount(different)} sockets -> ${peer}`;
  }
  if (local === '') return `-> ${peer}`;
  return peer === '' ? local : `${local} <-> ${peer}`;
}
