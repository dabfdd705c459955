/**
 * ContainerNames: a short name for each cgroup, for a row of a list: 'docker 3f2a9c0b1d2e', 'nginx.service',
 * 'pod shop/web-0/nginx'. The names of pods and of their containers are known where the traced machine
 * keeps their logs (table/pods of a look); else their ids are shown. All names are untrusted text.
 */
import { tableRows } from '../look-tables.js';
import { type CgroupPlace, placeOfCgroup } from './containers.js';

/** Digits of an id that are shown, as `docker ps` and `crictl ps` do. */
const SHOWN_ID = 12;
const SHOWN_POD = 8;
/** An id is found by its first digits, this many or more. */
const LEAST_DIGITS = 6;
/** Names that are kept; a machine has fewer cgroups than this at a time. */
const MEMO_LIMIT = 65_536;

interface Pod {
  namespace: string;
  name: string;
}

export class ContainerNames {
  private readonly pods = new Map<string, Pod>();
  /** Names of containers within their pod, by id. */
  private readonly containers = new Map<string, string>();
  private readonly labels = new Map<string, string>();

  /** `podTables`: texts of table/pods. */
  constructor(podTables: readonly (string | undefined)[] = []) {
    for (const text of podTables) {
      for (const { uid, namespace, pod, container, containerId } of tableRows('table/pods', text)) {
        if (uid !== '') this.pods.set(uid, { namespace, name: pod });
        if (containerId !== '') this.containers.set(containerId, container);
      }
    }
  }

  /** A short name for the cgroup of a path. What has no name of its own keeps the path. */
  label(path: string): string {
    const known = this.labels.get(path);
    if (known !== undefined) return known;
    if (this.labels.size >= MEMO_LIMIT) this.labels.clear();
    const label = this.newLabel(path);
    this.labels.set(path, label);
    return label;
  }

  /** All names by which somebody may look for it: of the pod, of the container, their ids. */
  names(path: string): string[] {
    const place = placeOfCgroup(path);
    if (place.container === '' && place.pod === '') return [];
    const pod = this.pods.get(place.pod);
    const container = this.containers.get(place.container);
    const names = [place.container, place.container.slice(0, SHOWN_ID), place.pod, this.label(path)];
    if (container !== undefined) names.push(container);
    if (pod !== undefined) {
      names.push(pod.name, `${pod.namespace}/${pod.name}`);
      if (container !== undefined) names.push(`${pod.namespace}/${pod.name}/${container}`);
    }
    return names.filter((name) => name !== '');
  }

  /** True if `digits` are the first of the id of the container, or of the pod's uid. */
  hasId(path: string, digits: string): boolean {
    if (digits.length < LEAST_DIGITS || !/^[0-9a-f-]+$/.test(digits)) return false;
    const { container, pod, runtime } = placeOfCgroup(path);
    return pod.startsWith(digits) || (runtime !== 'lxc' && runtime !== 'nspawn' && container.startsWith(digits));
  }

  private newLabel(path: string): string {
    const place = placeOfCgroup(path);
    const own = this.podLabel(place) ?? containerLabel(place) ?? unitLabel(place);
    if (own === null) return path;
    // A container may have cgroups of its own, and containers in those.
    return place.below === '' ? own : `${own}/${place.below.split('/').map(shortId).join('/')}`;
  }

  private podLabel(place: CgroupPlace): string | null {
    if (place.pod === '') {
      return place.qos === null || place.container !== ''
        ? null
        : `pods${place.qos === 'guaranteed' ? '' : `, ${place.qos}`}`;
    }
    const pod = this.pods.get(place.pod);
    const podName = pod === undefined ? place.pod.slice(0, SHOWN_POD) : `${pod.namespace}/${pod.name}`;
    if (place.container === '') return `pod ${podName}`;
    const name = this.containers.get(place.container);
    const container = name ?? `${place.runtime ?? 'container'} ${shortId(place.container)}`;
    return `pod ${podName}/${container}${place.isMonitor ? ' (monitor)' : ''}`;
  }
}

function containerLabel({ runtime, container, isMonitor }: CgroupPlace): string | null {
  return runtime === null ? null : `${runtime} ${shortId(container)}${isMonitor ? ' (monitor)' : ''}`;
}

function unitLabel({ unit, user }: CgroupPlace): string | null {
  if (user === '') return unit === '' ? null : unit;
  return unit === '' ? `user ${user}` : `${unit} of user ${user}`;
}

/** The whole of a name, the first digits of an id. */
function shortId(container: string): string {
  return /^[0-9a-f]{32,}$/.test(container) ? container.slice(0, SHOWN_ID) : container;
}
