import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { moduleDevices } from '../../../src/collect/names/module-devices.js';
import { parseAnswer } from '../../../src/collect/names/run-names.js';
import { emptyThing } from '../../../src/things/thing.js';
import { scratch } from '../../helpers/scratch.js';

const file = scratch();
const HEAD = { format: 'unfreed-names-raw', version: 1 };

it('gives each line its thing, and none where there is none', () => {
  const answer = {
    ...HEAD,
    things: [{ kind: 'file', path: '/a' }, { kind: 'gpu' }],
    of: [0, -1, 1, 0, 7, '0', null, 0.5],
  };
  const known = { ...emptyThing('file'), path: '/a' };
  expect(parseAnswer(JSON.stringify(answer))).toEqual([known, null, null, known, null, null, null, null]);
});

it.each([
  '',
  '{}',
  'null',
  '[]',
  JSON.stringify({ ...HEAD, version: 2, things: [], of: [] }),
  JSON.stringify({ ...HEAD, of: [] }),
])('takes nothing else: %s', (text) => {
  expect(parseAnswer(text)).toBeNull();
});

it('names the devices that the drivers of a module are bound to, by what they are used as', async () => {
  const root = file('machine');
  const devices = join(root, 'sys/devices');
  const driver = join(root, 'sys/bus/pci/drivers/e1000e');
  mkdirSync(join(devices, '0000:00:1f.6/net/eth0'), { recursive: true });
  mkdirSync(join(devices, '0000:00:20.0'), { recursive: true });
  mkdirSync(driver, { recursive: true });
  mkdirSync(join(root, 'sys/module/e1000e/drivers'), { recursive: true });
  for (const device of ['0000:00:1f.6', '0000:00:20.0']) {
    symlinkSync(driver, join(devices, device, 'driver'));
    symlinkSync(join(devices, device), join(driver, device));
  }
  for (const name of ['bind', 'uevent', 'an_attribute']) writeFileSync(join(driver, name), '');
  symlinkSync(join(root, 'sys/module/e1000e'), join(driver, 'module'));
  symlinkSync(driver, join(root, 'sys/module/e1000e/drivers/pci:e1000e'));
  expect((await moduleDevices('e1000e', root)).map(({ kind, path }) => [kind, path])).toEqual([
    ['device', 'pci 0000:00:1f.6 eth0'],
    ['device', 'pci 0000:00:20.0'],
  ]);
  for (const other of ['xfs', '../module/e1000e', '', '..', 'a'.repeat(100)])
    expect(await moduleDevices(other, root)).toEqual([]);
});
