import { describe, expect, it } from 'vitest';
import { TraceDictionary } from '../../../src/event/trace-dictionary.js';
import { isInCgroup, tasksInCgroups } from '../../../src/rank/select/cgroup-matcher.js';

describe('isInCgroup', () => {
  it.each([
    ['/a', '/a', true],
    ['/a', '/a/b/c', true],
    ['/a', '/ab', false],
    ['/a/', '/a', true],
    ['/', '/', true],
    ['/', '/a', false],
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
  const of = (pattern: string): number[] => ids.map((id) => tasksInCgroups(dictionary, pattern)[id]);
  expect(of('/web')).toEqual([1, 0, 0]);
  expect(of('cgroup 13')).toEqual([0, 1, 0]);
  expect(of('*')).toEqual([1, 1, 0]);
});
