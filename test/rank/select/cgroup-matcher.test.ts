import { describe, expect, it } from 'vitest';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { tableText } from '../../../src/proc/look-tables.js';
import { ContainerNames } from '../../../src/proc/process/container-names.js';
import { isInCgroup, tasksInCgroups } from '../../../src/rank/select/cgroup-matcher.js';

describe('isInCgroup', () => {
  it.each([
    ['/a', '/a', true],
    ['/a', '/a/b/c', true],
    ['/a', '/ab', false],
    ['/a/', '/a', true],
    ['/', '/', true],
    ['/', '/a', false],
    ['/a/.', '/a', true],
    ['/a/.', '/a/b', false],
    ['/.', '/', true],
    ['/.', '/a', false],
    ['nginx.service', '/system.slice/nginx.service', true],
    ['nginx.service', '/system.slice/nginx.service/worker', true],
    ['nginx.service', '/system.slice/nginxXservice', false],
    ['ginx.service', '/system.slice/nginx.service', false],
    ['*ginx*', '/system.slice/nginx.service', true],
    ['/*/docker-*', '/system.slice/docker-3f.scope', true],
    ['docker-3?.scope', '/system.slice/docker-3f.scope', true],
    ['(a+)+$', '/(a+)+$', true],
    ['[x', '/[x', true],
  ])('%s on %s: %s', (pattern, path, matches) => {
    expect(isInCgroup(path, pattern)).toBe(matches);
  });

  it('does not take long over a hostile pattern', () => {
    expect(isInCgroup(`/${'a'.repeat(4000)}b`, '*a'.repeat(50))).toBe(false);
  });
});

it('tasks are found by their cgroup; one without a path is named by its number', () => {
  const dictionary = new TraceDictionary();
  const { comms, cgroups } = dictionary;
  const web = cgroups.intern('12:/web');
  const nameless = cgroups.intern('13:');
  const ids = [comms.intern('sh', web), comms.intern('sh', nameless), comms.intern('sh')];
  const of = (pattern: string): number[] =>
    ids.map((id) => tasksInCgroups(dictionary, pattern, new ContainerNames())[id]);
  expect(of('/web')).toEqual([1, 0, 0]);
  expect(of('cgroup 13')).toEqual([0, 1, 0]);
  expect(of('*')).toEqual([1, 1, 0]);
});

it('a container is found by the names and ids that its runtime prints, a pod by its own', () => {
  const id = '3f2a9c0b1d2e4f5061728394a5b6c7d8e9f00112233445566778899aabbccdde';
  const uid = '6d3c1e2a-77b0-4c5e-9d1a-2b3c4d5e6f70';
  const dictionary = new TraceDictionary();
  const cgroup = dictionary.cgroups.intern(`12:/kubepods/burstable/pod${uid}/${id}`);
  const other = dictionary.cgroups.intern(`13:/system.slice/docker-${'9'.repeat(64)}.scope`);
  const task = dictionary.comms.intern('nginx', cgroup);
  const besides = dictionary.comms.intern('nginx', other);
  const names = new ContainerNames([tableText('table/pods', [[uid, 'shop', 'web-0', 'front', id]])]);
  const finds = (pattern: string): boolean => {
    const tasks = tasksInCgroups(dictionary, pattern, names);
    expect(tasks[besides]).toBe(Number(pattern === 'docker *'));
    return tasks[task] === 1;
  };
  for (const pattern of ['3f2a9c0b1d2e', '3f2a9c', id, uid, '6d3c1e2a', 'web-0', 'shop/web-*', 'front', 'pod shop/*']) {
    expect([pattern, finds(pattern)]).toEqual([pattern, true]);
  }
  for (const pattern of ['3f', '2a9c0b1d2e', 'web', 'shop', '/web-0', 'docker *']) {
    expect([pattern, finds(pattern)]).toEqual([pattern, false]);
  }
});
