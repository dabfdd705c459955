/**
 * Cgroups by pattern. '/a/b' is that cgroup and all below it, '/a/b/.' that one alone. Without a '/' in front it is the name of a
 * directory on the path ('nginx.service'), and what is below; or a name of the pod or the container, or the
 * first digits of an id, as runtimes print it. '*' is any characters, '?' one; they do not end at a '/'.
 */
import { cgroupName, parseCgroup } from '../../event/tables/cgroups.js';
import type { TraceDictionary } from '../../event/trace-dictionary.js';
import type { ContainerNames } from '../../proc/process/container-names.js';
import { isOneCgroup } from '../report/selection.js';

/** Returns by comm id: 1 = the task is in a cgroup that the pattern names. */
export function tasksInCgroups(
  { comms, cgroups }: TraceDictionary,
  pattern: string,
  containers: ContainerNames,
): Uint8Array {
  const ofCgroup = new Uint8Array(cgroups.size + 1);
  for (let id = 1; id <= cgroups.size; id++) {
    const path = cgroupName(parseCgroup(cgroups.name(id)));
    ofCgroup[id] = Number(isInCgroup(path, pattern) || isOfContainer(path, pattern, containers));
  }
  const tasks = new Uint8Array(65536);
  for (let id = 1; id <= comms.size; id++) tasks[id & 0xffff] = ofCgroup[comms.cgroup(id)];
  return tasks;
}

/** True if the path of a cgroup is the one that a pattern names, or one below it. */
export function isInCgroup(path: string, pattern: string): boolean {
  // The root alone: all are below it.
  if (pattern === '/') return path === '/';
  if (isOneCgroup(pattern)) return matches(path, pattern.slice(0, -2) || '/');
  const name = pattern.replace(/\/+$/, '');
  const wanted = name.startsWith('/') ? [name] : [name, `*/${name}`];
  return wanted.some((each) => matches(path, each) || matches(path, `${each}/*`));
}

/** True if a pattern names the pod or the container of a cgroup, or begins its id. */
function isOfContainer(path: string, pattern: string, containers: ContainerNames): boolean {
  if (pattern.startsWith('/')) return false;
  return containers.hasId(path, pattern) || containers.names(path).some((name) => matches(name, pattern));
}

/** Goes back to the last '*' alone, so it takes at most as many steps as both lengths multiplied. */
function matches(text: string, glob: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let from = 0;
  while (at < text.length) {
    if (glob[place] === '*') {
      star = place++;
      from = at;
    } else if (place < glob.length && (glob[place] === '?' || glob[place] === text[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++from;
    } else {
      return false;
    }
  }
  while (glob[place] === '*') place++;
  return place === glob.length;
}
