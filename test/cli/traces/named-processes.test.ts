import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { processesNamed } from '../../../src/cli/traces/named-processes.js';
import { until } from '../../helpers/patience.js';

describe('processesNamed', () => {
  let child: ReturnType<typeof spawn>;
  beforeAll(async () => {
    child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await until('the process to run its program', () => commOf(child.pid) === 'sleep');
  });
  afterAll(() => child.kill());

  it('takes numbers, each once', () => {
    expect(processesNamed([String(child.pid), '1', String(child.pid)])).toEqual([child.pid, 1]);
  });

  it('finds all of a name as ps prints it, but not this process', () => {
    expect(processesNamed(['sleep'])).toContain(child.pid);
    expect(processesNamed([commOf(process.pid), String(child.pid)])).not.toContain(process.pid);
  });

  it('finds all of a cgroup and those below it', () => {
    const [line] = readFileSync(`/proc/${child.pid}/cgroup`, 'utf8').split('\n');
    const path = line.split(':').slice(2).join(':');
    expect(processesNamed([path])).toContain(child.pid);
    expect(processesNamed(['/'])).toContain(child.pid);
  });

  it.each([
    ['999999999', 'there is no process 999999999'],
    ['no-such-name', 'there is no process named no-such-name'],
    ['/no/such/cgroup', 'there is no process in the cgroup /no/such/cgroup'],
    ['\u001b[31m', 'there is no process named ␛[31m'],
  ])('refuses %j', (word, message) => {
    expect(() => processesNamed([word])).toThrow(UserError);
    expect(() => processesNamed([word])).toThrow(message);
  });
});

function commOf(pid: number | undefined): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
}
