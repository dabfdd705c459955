import { describe, expect, it } from 'vitest';
import { tableText } from '../../../src/proc/look-tables.js';
import { ContainerNames } from '../../../src/proc/process/container-names.js';
import { placeOfCgroup } from '../../../src/proc/process/containers.js';

const ID = '3f2a9c0b1d2e4f5061728394a5b6c7d8e9f00112233445566778899aabbccdde';
const OTHER = '9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d';
const UID = '6d3c1e2a-77b0-4c5e-9d1a-2b3c4d5e6f70';
const SYSTEMD_UID = UID.replaceAll('-', '_');
const STATIC_UID = '99dcb84d2a34f7e338778606703258c4';

/** Paths as the runtimes make them, and the label of each. */
const LAYOUTS: readonly (readonly [path: string, label: string])[] = [
  [`/docker/${ID}`, 'docker 3f2a9c0b1d2e'],
  [`/system.slice/docker-${ID}.scope`, 'docker 3f2a9c0b1d2e'],
  [`/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`, 'docker 3f2a9c0b1d2e'],
  [`/docker/${ID}/docker/${OTHER}`, 'docker 3f2a9c0b1d2e/docker/9ec39b91f3d7'],
  ['/docker/buildkit/r3v3vmb0lj7v7w4t5h0n0d1x2', 'buildkit r3v3vmb0lj7v7w4t5h0n0d1x2'],
  [`/ecs/a1b2c3/${ID}`, 'container 3f2a9c0b1d2e'],
  [`/default/${ID}`, 'containerd 3f2a9c0b1d2e'],
  [`/system.slice/nerdctl-${ID}.scope`, 'containerd 3f2a9c0b1d2e'],
  [`/machine.slice/libpod-${ID}.scope`, 'podman 3f2a9c0b1d2e'],
  [`/machine.slice/libpod-${ID}.scope/container`, 'podman 3f2a9c0b1d2e/container'],
  [`/machine.slice/libpod-conmon-${ID}.scope`, 'podman 3f2a9c0b1d2e (monitor)'],
  [`/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`, 'podman 3f2a9c0b1d2e'],
  [`/libpod_parent/libpod-${ID}`, 'podman 3f2a9c0b1d2e'],
  [`/kubepods/besteffort/pod${UID}/${ID}`, 'pod 6d3c1e2a/container 3f2a9c0b1d2e'],
  [`/kubepods/pod${UID}/crio-${ID}`, 'pod 6d3c1e2a/cri-o 3f2a9c0b1d2e'],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${SYSTEMD_UID}.slice/cri-containerd-${ID}.scope`,
    'pod 6d3c1e2a/containerd 3f2a9c0b1d2e',
  ],
  [
    `/kubepods.slice/kubepods-pod${STATIC_UID}.slice/crio-conmon-${ID}.scope`,
    'pod 99dcb84d/cri-o 3f2a9c0b1d2e (monitor)',
  ],
  [
    `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod${SYSTEMD_UID}.slice`,
    'pod 6d3c1e2a',
  ],
  [
    `/system.slice/docker-${OTHER}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${SYSTEMD_UID}.slice/cri-containerd-${ID}.scope`,
    'pod 6d3c1e2a/containerd 3f2a9c0b1d2e',
  ],
  [
    `/system.slice/containerd.service/kubepods-besteffort-pod${SYSTEMD_UID}.slice:cri-containerd:${ID}`,
    'pod 6d3c1e2a/containerd 3f2a9c0b1d2e',
  ],
  ['/kubepods.slice', 'pods'],
  ['/kubepods.slice/kubepods-besteffort.slice', 'pods, besteffort'],
  ['/lxc.payload.mail/system.slice/postfix.service', 'lxc mail/system.slice/postfix.service'],
  ['/lxc.monitor.mail', 'lxc mail (monitor)'],
  ['/lxc/101/ns', 'lxc 101/ns'],
  ['/machine.slice/machine-deb\\x2dbuild.scope', 'nspawn deb-build'],
  ['/machine.slice/machine-qemu\\x2d3\\x2dwin11.scope', 'vm win11'],
  ['/machine.slice/systemd-nspawn@deb.service/payload', 'nspawn deb/payload'],
  ['/system.slice/nginx.service', 'nginx.service'],
  ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service'],
  ['/system.slice', 'system.slice'],
  ['/init.scope', 'init.scope'],
  ['/user.slice/user-1000.slice', 'user 1000'],
  ['/user.slice/user-1000.slice/session-3.scope', 'session-3.scope of user 1000'],
  ['/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service', 'dbus.service of user 1000'],
  ['/ci/job-17', '/ci/job-17'],
  ['/', '/'],
  ['', ''],
  ['cgroup 4711', 'cgroup 4711'],
];

describe('the name of a cgroup', () => {
  it.each(LAYOUTS)('of %s is %s', (path, label) => {
    expect(new ContainerNames().label(path)).toBe(label);
  });

  it('has the parts of a path', () => {
    const path = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${SYSTEMD_UID}.slice/crio-${ID}.scope`;
    expect(placeOfCgroup(path)).toEqual({
      runtime: 'cri-o',
      container: ID,
      isMonitor: false,
      pod: UID,
      qos: 'burstable',
      unit: '',
      user: '',
      below: '',
    });
    expect(placeOfCgroup(`/kubepods/pod${UID}/${ID}`).qos).toBe('guaranteed');
    expect(placeOfCgroup(`/kubepods/besteffort/pod${UID}/${ID}`).qos).toBe('besteffort');
  });

  it('takes no directory for a container that only looks like one', () => {
    for (const path of ['/docker/short', `/docker/${ID.slice(1)}`, '/podcast', `/pod${UID}`, '/docker-x.scope']) {
      expect(placeOfCgroup(path).runtime).toBeNull();
      expect(placeOfCgroup(path).pod).toBe('');
    }
  });

  it('reads a hostile path in no time', () => {
    const paths = [`/${'a-'.repeat(2000)}`, '/kubepods-pod'.repeat(300), '/'.repeat(4096), `/${'\\x2d'.repeat(1000)}`];
    const start = performance.now();
    for (const path of paths) new ContainerNames().label(path);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('has the pod and the container where the logs name them', () => {
    const text = tableText('table/pods', [
      [UID, 'shop', 'web-0', 'nginx', ID],
      [STATIC_UID, 'kube-system', 'etcd-node1', null, null],
    ]);
    const names = new ContainerNames([text, undefined]);
    expect(names.label(`/kubepods/besteffort/pod${UID}/${ID}`)).toBe('pod shop/web-0/nginx');
    expect(names.label(`/kubepods/besteffort/pod${UID}/${OTHER}`)).toBe('pod shop/web-0/container 9ec39b91f3d7');
    expect(names.label(`/kubepods/pod${STATIC_UID}`)).toBe('pod kube-system/etcd-node1');
    expect(names.names(`/kubepods/besteffort/pod${UID}/${ID}`)).toEqual(
      expect.arrayContaining(['nginx', 'web-0', 'shop/web-0', 'shop/web-0/nginx', ID, UID]),
    );
  });
});
