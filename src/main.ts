/** Entry: runs one command, prints what went wrong, sets the exit code. */

// A file that reaches the limit of ulimit -f then fails as one on a full disk does, instead of ending the process.
process.on('SIGXFSZ', () => undefined);
try {
  // Loaded here, because a failing import of this file itself could not be put into words.
  const { runCommandLine } = await import('./cli/run.js');
  process.exitCode = await runCommandLine(process.argv.slice(2));
} catch (error) {
  if (!/^E[MN]FILE:/.test(error instanceof Error ? error.message : '')) throw error;
  process.stderr.write('unfreed: too many open files (ulimit -n)\n  raise the limit: ulimit -n 1024\n');
  process.exitCode = 1;
}
