/** The devices that a module's drivers are bound to, by the links of sysfs: /sys/module/NAME/drivers/BUS:DRIVER/DEVICE. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyThing, type Thing } from '../../things/thing.js';

const MOST_DEVICES = 8;
/** Links that every driver has, beside those to its devices. */
const OTHERS = new Set(['module', 'bind', 'unbind', 'uevent', 'new_id', 'remove_id']);
/** What a device is called by those who use it: 'eth0', 'nvme0n1'. */
const CLASSES = ['net', 'block', 'nvme'];

/** Returns at most 8; none for a module that drives nothing. Names are untrusted. Never rejects. */
export async function moduleDevices(module: string, root = '/'): Promise<Thing[]> {
  // A name is one component of a path.
  if (!/^[\w-]{1,64}$/.test(module)) return [];
  const drivers = join(root, 'sys/module', module, 'drivers');
  const devices: Thing[] = [];
  for (const driver of await list(drivers)) {
    const bus = driver.split(':', 1)[0];
    for (const device of (await list(join(drivers, driver))).filter((name) => !OTHERS.has(name))) {
      if (devices.length >= MOST_DEVICES) return devices;
      const names = await usedNames(join(drivers, driver, device));
      // Attributes of the driver are files, and have nothing below them.
      if (names === null) continue;
      devices.push({ ...emptyThing('device'), path: [bus, device, ...names].join(' ') });
    }
  }
  return devices;
}

/** Null if it is no device. */
async function usedNames(device: string): Promise<string[] | null> {
  const entries = await list(device);
  if (!entries.includes('driver')) return null;
  const names = await Promise.all(
    CLASSES.filter((name) => entries.includes(name)).map((name) => list(join(device, name))),
  );
  return names.flat().slice(0, MOST_DEVICES);
}

async function list(directory: string): Promise<string[]> {
  const names: string[] = await readdir(directory).catch(() => []);
  return names.toSorted((a, b) => (a < b ? -1 : 1));
}
