import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../src/base/errors.js';
import { processesNamed } from '../../../src/cli/traces/named-processes.js';

describe('processesNamed', () => {
  let child: ReturnType<typeof spawn>;
  beforeAll(async () => {
    // A name of its own, longer than the kernel keeps.
    child = spawn('bash', ['-c', 'exec -a whatever sleep 60'], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('spawn', resolve));
  });
  afterAll(() => child.kill());

  it('takes numbers, each once', () => {
    expect(processesNamed([String(child.pid), '1', String(child.pid)])).toEqual([child.pid, 1]);
  });

  it('finds all of a name as ps prints it, but not this process', () => {
    const own = readFileSync('/proc/self/comm', 'utf8').trim();
    const pids = processesNamed([...new Set(['sleep', 'bash'])].filter((name) => hasProcess(name)));
    expect(pids).toContain(child.pid);
    if (hasProcess(own)) expect(processesNamed([own, String(child.pid)])).not.toContain(process.pid);
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

function hasProcess(name: string): boolean {
  try {
    return processesNamed([name]).length > 0;
  } catch {
    return false;
  }
}
