/**
 * Gets Debian packages without installing them: package lists, cache and sources of our own, under
 * the cache folder, so that the machine's apt does not change. The archive is that of the machine's
 * own sources; the suites are ours, because a guest need not be of the machine's release.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say, sh } from './shell.js';

/**
 * Suites that hold kernels: 5.10; 6.1 and 6.12; the newest. `build` is the release that they were
 * built with.
 */
const KERNEL_SUITES = ['bullseye-security', 'bookworm-security', 'trixie-backports'];
export const BUILD_SUITE = 'trixie';
/** Suites with Debian's newest tools, newest first: now and then the first cannot be installed. */
export const NEWEST_SUITES = ['sid', 'testing'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Lists older than this are fetched again. */
const LISTS_MAX_AGE_MS = 12 * 3600 * 1000;

export class Apt {
  private readonly folder: string;
  private readonly options: string[];

  /**
   * Knows the packages of these suites; by default those of the guests. Throws if the machine's apt
   * has no Debian archive.
   */
  constructor(cacheFolder: string, suites: string[] = [...KERNEL_SUITES, BUILD_SUITE]) {
    this.folder = join(cacheFolder, suites.length === 1 ? `apt-${suites[0]}` : 'apt');
    for (const name of ['lists/partial', 'cache/archives/partial']) {
      mkdirSync(join(this.folder, name), { recursive: true });
    }
    const sources = join(this.folder, 'sources.list');
    writeFileSync(sources, sourceLines(suites).join('\n') + '\n');
    writeFileSync(join(this.folder, 'status'), '');
    this.options = [
      ['Dir::Etc::SourceList', sources],
      ['Dir::Etc::SourceParts', '/dev/null'],
      ['Dir::State::Lists', join(this.folder, 'lists')],
      ['Dir::Cache', join(this.folder, 'cache')],
      ['Dir::Cache::archives', join(this.folder, 'cache/archives')],
      ['APT::Sandbox::User', 'root'],
      ['Acquire::Languages', 'none'],
      ['Acquire::Retries', '3'],
      // Scripts that the machine runs after an update are meant for its own lists.
      ['APT::Update::Post-Invoke-Success', ''],
    ].flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  }

  update(): void {
    const stamp = statSync(join(this.folder, 'updated'), { throwIfNoEntry: false });
    if (stamp !== undefined && Date.now() - stamp.mtimeMs < LISTS_MAX_AGE_MS) return;
    say('fetching package lists');
    sh('apt-get', [...this.options, '-q', 'update']);
    writeFileSync(join(this.folder, 'updated'), '');
  }

  /** Returns the names of packages that match. */
  search(pattern: string): string[] {
    const out = sh('apt-cache', [...this.options, 'search', '--names-only', pattern]);
    return out
      .split('\n')
      .map((line) => line.split(' ')[0])
      .filter((name) => name !== '');
  }

  /** Returns the package and those kernel packages that it depends on. */
  kernelClosure(name: string): string[] {
    const found = new Set<string>();
    const visit = (each: string): void => {
      if (found.has(each) || !/^linux-(?:image|binary|modules|base|headers|kbuild)-\d/.test(each)) return;
      found.add(each);
      for (const line of sh('apt-cache', [...this.options, 'show', '--no-all-versions', each]).split('\n')) {
        if (!/^(?:Pre-)?Depends: /.test(line)) continue;
        for (const item of line.replace(/^[^:]*: /, '').split(',')) visit(item.trim().split(/[ (|]/)[0]);
      }
    };
    visit(name);
    return [...found];
  }

  version(name: string): string {
    const shown = sh('apt-cache', [...this.options, 'show', '--no-all-versions', name]);
    return /^Version: (.*)$/m.exec(shown)?.[1] ?? '';
  }

  /** Downloads packages into a folder that is emptied first, and returns their files. */
  download(names: string[], folder: string): string[] {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    sh('apt-get', [...this.options, '-q', 'download', ...names], { cwd: folder });
    return readdirSync(folder).map((name) => join(folder, name));
  }

  /** Downloads packages of a suite with all their dependencies, as for an empty machine. */
  downloadWithAllDependencies(names: string[], folder: string, suite = BUILD_SUITE): string[] {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'partial'), { recursive: true });
    const nothingInstalled = ['-o', `Dir::State::status=${join(this.folder, 'status')}`];
    const archives = ['-o', `Dir::Cache::archives=${folder}`];
    sh('apt-get', [
      ...this.options,
      ...nothingInstalled,
      ...archives,
      '-qy',
      '--download-only',
      '--no-install-recommends',
      `--target-release=${suite}`,
      'install',
      ...names,
    ]);
    return readdirSync(folder)
      .filter((name) => name.endsWith('.deb'))
      .map((name) => join(folder, name));
  }
}

function sourceLines(suites: string[]): string[] {
  const known = sh('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI) $(RELEASE) $(COMPONENT)',
    'Created-By: Packages',
  ])
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , component]) => component === 'main');
  const uriOf = (release: RegExp): string | undefined => known.find(([, name]) => release.test(name))?.[0];
  const main = uriOf(/^(?:bullseye|bookworm|trixie|forky|stable|testing|unstable|sid)(?:-updates)?$/);
  const security = uriOf(/^(?:bullseye|bookworm|trixie|forky|stable)-security$/);
  if (main === undefined || security === undefined) {
    throw new Error("this machine's apt knows no Debian archive: the guest tests take their kernels from there");
  }
  const signed = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
  return suites.map((suite) => `deb ${signed}${suite.endsWith('-security') ? security : main} ${suite} main`);
}
