/** Entry: runs one command, prints what went wrong, sets the exit code. Nothing else may touch process.exitCode. */
import { runCommandLine } from './cli/run.js';

process.exitCode = await runCommandLine(process.argv.slice(2));
