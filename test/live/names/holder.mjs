// A process that holds what test/live/names/names.test.ts asks for, one line of JSON on stdin at a time.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const kept = [];

/** Writes a file of so many MiB; the descriptor stays open. */
function write({ path, mib, deleted }) {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'w+');
  for (let i = 0; i < mib; i++) writeSync(file, Buffer.alloc(1 << 20, 120));
  fsyncSync(file);
  if (deleted) unlinkSync(path);
  else closeSync(file);
  kept.push(file);
}

/** Listens, and connects to itself so many times. */
async function connections({ where, count }) {
  const server = createServer((socket) => kept.push(socket));
  await new Promise((resolve) => server.listen(where, resolve));
  const address = server.address();
  for (let i = 0; i < count; i++) {
    const socket = connect(typeof address === 'string' ? address : { port: address.port, host: where.host });
    kept.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
  }
  kept.push(server);
  return address;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { what, ...rest } = JSON.parse(line);
  const answer =
    what === 'write' ? write(rest) : what === 'read' ? readFileSync(rest.path).length : await connections(rest);
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}
