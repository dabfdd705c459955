/**
 * What a cgroup is, by its path: a container of docker, containerd, cri-o, podman, lxc or systemd-nspawn, a
 * pod of Kubernetes, a unit of systemd. On cgroups v1 and v2; as the runtimes name directories with
 * their two drivers:
 *
 * - cgroupfs: '/docker/ID', '/kubepods/burstable/podUID/ID', '/libpod_parent/libpod-ID', '/lxc/NAME'
 * - systemd: '/system.slice/docker-ID.scope', '/machine.slice/libpod-ID.scope',
 *   '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podUID.slice/cri-containerd-ID.scope', with '_' for
 *   '-' in UID. A kubelet with a root of its own puts its name in front of each ('kubelet-kubepods-...').
 * - cgroupfs paths that a systemd runtime got: '/system.slice/containerd.service/kubepods-podUID.slice:cri-containerd:ID'
 *
 * A pod without a class is guaranteed. Paths and names are untrusted text.
 */

export type ContainerRuntime =
  | 'docker'
  | 'containerd'
  | 'cri-o'
  | 'podman'
  | 'buildkit'
  | 'lxc'
  | 'nspawn'
  | 'vm'
  | 'container';
export type QualityOfService = 'guaranteed' | 'burstable' | 'besteffort';

export interface CgroupPlace {
  /** 'container': of a runtime that the path does not tell. Null = in no container. */
  runtime: ContainerRuntime | null;
  /** Id of the container in full, or its name where runtimes use names; '' = none. */
  container: string;
  /** True for the cgroup of a container's monitor: conmon, or lxc's own process. */
  isMonitor: boolean;
  /** Uid of the pod, with '-'; '' = in no pod. */
  pod: string;
  /** Null = in none of the pods' cgroups. */
  qos: QualityOfService | null;
  /** The innermost unit of systemd: 'nginx.service'; '' = none. A slice only where nothing else is below it. */
  unit: string;
  /** Number of the user whose session or manager it is in; '' = none. */
  user: string;
  /** The path below the container or unit, without a '/' in front; '' = it is that itself. */
  below: string;
}

const SEGMENTS = 64;
const ID = '[0-9a-f]{64}';
/** Static pods have a hash as uid. */
const POD = /^(?:[\w.-]{1,128}-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?$/;
const KUBEPODS = /(?:^|-)kubepods(?:-(besteffort|burstable))?(?:-pod[\w-]{1,64})?(?:\.slice)?$/;
/** The cgroup above all pods. */
const NODE = /^(?:[\w.-]{1,128}-)?kubepods(?:\.slice)?$/;
const PREFIXED = new RegExp(
  `^(docker|cri-containerd|containerd|nerdctl|crio|libpod)-(?:(conmon|payload)-)?(${ID})(?:\\.scope)?$`,
);
/** One directory for what is three elsewhere. */
const COLONS = new RegExp(`^([\\w.-]{1,200}\\.slice):([\\w-]{1,32}):(${ID})$`);
const PLAIN_ID = new RegExp(`^${ID}$`);
const LXC = /^lxc\.(payload|monitor)\.(.{1,255})$/;
const MACHINE = /^machine-(qemu\\x2d\d{1,9}\\x2d)?(.{1,255})\.scope$/;
const NSPAWN = /^systemd-nspawn@(.{1,255})\.service$/;
const UNIT = /\.(?:service|scope|socket|mount|swap)$/;
const SLICE = /\.slice$/;
const USER = /^user(?:-(\d{1,10})\.slice|@(\d{1,10})\.service)$/;

const RUNTIMES: Readonly<Record<string, ContainerRuntime>> = {
  docker: 'docker',
  'cri-containerd': 'containerd',
  containerd: 'containerd',
  nerdctl: 'containerd',
  crio: 'cri-o',
  libpod: 'podman',
};
/** Directories of containers whose name is the id alone. */
const PARENTS: Readonly<Record<string, ContainerRuntime>> = {
  docker: 'docker',
  ecs: 'docker',
  moby: 'docker',
  buildkit: 'buildkit',
  // Namespaces of containerd.
  default: 'containerd',
  'k8s.io': 'containerd',
  libpod_parent: 'podman',
};

/** Never throws: of a path of another kind all is empty. */
export function placeOfCgroup(path: string): CgroupPlace {
  const place: CgroupPlace = {
    runtime: null,
    container: '',
    isMonitor: false,
    pod: '',
    qos: null,
    unit: '',
    user: '',
    below: '',
  };
  const all = path
    .split('/', SEGMENTS)
    .flatMap(partsOf)
    .filter((segment) => segment !== '');
  // A node of Kubernetes may be a container itself: what runs in the node is asked for.
  const segments = all.slice(
    Math.max(
      0,
      all.findLastIndex((segment) => NODE.test(segment)),
    ),
  );
  let end = 0;
  for (const [index, segment] of segments.entries()) {
    // What is below a container is the container's own business: units of its systemd, or its runtime's names.
    if (place.container !== '') break;
    if (take(place, segment, segments[index - 1] ?? '')) end = index + 1;
  }
  place.below = segments.slice(end).join('/');
  return place;
}

function partsOf(segment: string): string[] {
  const found = COLONS.exec(segment);
  return found === null ? [segment] : [found[1], `${found[2]}-${found[3]}`];
}

/** Takes what a directory tells; false if that is nothing. */
function take(place: CgroupPlace, segment: string, parent: string): boolean {
  return takePod(place, segment) || takeContainer(place, segment, parent) || takeUnit(place, segment);
}

function takePod(place: CgroupPlace, segment: string): boolean {
  const kubepods = KUBEPODS.exec(segment);
  const pod = POD.exec(segment);
  if (kubepods !== null) place.qos = (kubepods[1] as QualityOfService | undefined) ?? place.qos ?? 'guaranteed';
  if (place.qos === null) return false;
  if (pod !== null) place.pod = pod[1].replaceAll('_', '-');
  else if (segment === 'besteffort' || segment === 'burstable') place.qos = segment;
  else if (kubepods === null) return false;
  place.unit = '';
  return true;
}

function takeContainer(place: CgroupPlace, segment: string, parent: string): boolean {
  const prefixed = PREFIXED.exec(segment);
  if (prefixed !== null) {
    place.isMonitor = prefixed[2] === 'conmon';
    return setContainer(place, RUNTIMES[prefixed[1]], prefixed[3]);
  }
  const known = Object.hasOwn(PARENTS, parent) ? PARENTS[parent] : undefined;
  if (PLAIN_ID.test(segment)) return setContainer(place, known ?? 'container', segment);
  if (known === 'buildkit' && /^[0-9a-z]{25}$/.test(segment)) return setContainer(place, known, segment);
  const lxc = LXC.exec(segment);
  if (lxc !== null) {
    place.isMonitor = lxc[1] === 'monitor';
    return setContainer(place, 'lxc', lxc[2]);
  }
  if (parent === 'lxc' || parent === 'lxc.payload' || parent === 'lxc.monitor') {
    place.isMonitor = parent === 'lxc.monitor';
    return setContainer(place, 'lxc', segment);
  }
  const machine = parent === 'machine.slice' ? MACHINE.exec(segment) : null;
  if (machine !== null) {
    return setContainer(place, machine[1] === undefined ? 'nspawn' : 'vm', unescapeUnit(machine[2]));
  }
  const nspawn = NSPAWN.exec(segment);
  return nspawn !== null && setContainer(place, 'nspawn', unescapeUnit(nspawn[1]));
}

function setContainer(place: CgroupPlace, runtime: ContainerRuntime, container: string): true {
  place.runtime = runtime;
  place.container = container;
  place.unit = '';
  return true;
}

function takeUnit(place: CgroupPlace, segment: string): boolean {
  const user = USER.exec(segment);
  if (user !== null) {
    place.user = user[1] ?? user[2];
    place.unit = '';
    return true;
  }
  if (UNIT.test(segment) || (SLICE.test(segment) && !UNIT.test(place.unit))) {
    place.unit = segment;
    return true;
  }
  return false;
}

/** systemd writes '\x2d' for a '-' that is no separator. */
function unescapeUnit(name: string): string {
  return name.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
