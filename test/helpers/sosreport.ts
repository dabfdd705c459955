/** This machine as the files that sosreport takes of it (plugins memory, kernel, process, sysvipc, filesys, networking, ebpf). */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILES = [
  ...[
    'meminfo',
    'vmstat',
    'slabinfo',
    'vmallocinfo',
    'zoneinfo',
    'buddyinfo',
    'swaps',
    'pressure/memory',
    'uptime',
  ].map((name) => `proc/${name}`),
  ...[
    'version',
    'cgroups',
    'modules',
    'mounts',
    'sysvipc/shm',
    'net/sockstat',
    'net/sockstat6',
    'sys/fs/dentry-state',
  ].map((name) => `proc/${name}`),
  ...['sys/net/ipv4/tcp_mem', 'sys/net/ipv4/tcp_max_orphans', 'sys/kernel/pid_max', 'sys/kernel/threads-max'].map(
    (name) => `proc/${name}`,
  ),
  'etc/os-release',
];
const FOLDERS = ['sys/kernel/mm/hugepages', 'sys/kernel/mm/ksm'];
/** By the name that sos gives the output. */
const COMMANDS: Readonly<Record<string, string[]>> = {
  'process/ps_auxwwwm': ['ps', 'auxwwwm'],
  'process/ps_alxwww': ['ps', 'alxwww'],
  'sysvipc/ipcs': ['ipcs'],
  'filesys/df_-al_-x_autofs': ['df', '-al', '-x', 'autofs'],
  'networking/ss_-peaonmi': ['ss', '-peaonmi'],
  'ebpf/bpftool_-j_map_list': ['bpftool', '-j', 'map', 'list'],
  'kernel/uname_-a': ['uname', '-a'],
  'host/hostname': ['hostname'],
  'host/uptime': ['uptime'],
  'date/date': ['date'],
};

/** Writes the tree below `folder`; a file that this kernel has not, or a tool that is not installed, is left out, as sos does. */
export function saveSosreport(folder: string): void {
  const save = (path: string, text: string | Buffer): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const copy = (path: string): void => {
    try {
      save(path, readFileSync(`/${path}`));
    } catch {
      // Not in this kernel.
    }
  };
  FILES.forEach(copy);
  const copyAll = (path: string): void => {
    for (const name of readdirSync(`/${path}`)) {
      if (statSync(`/${path}/${name}`).isDirectory()) copyAll(`${path}/${name}`);
      else copy(`${path}/${name}`);
    }
  };
  FOLDERS.forEach(copyAll);
  for (const [name, [program, ...args]] of Object.entries(COMMANDS)) {
    const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };
    const { stdout, status } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 << 20, env });
    if (status === 0) save(`sos_commands/${name}`, stdout);
  }
}
