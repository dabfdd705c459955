/** Entry of the decode thread. */
import { workerData } from 'node:worker_threads';
import { runDecodeThread, type ThreadInit } from './decode-thread.js';
import { runSpoolThread, type SpoolThreadInit } from './spool-thread.js';

const init = workerData as ThreadInit | SpoolThreadInit;
if ('spooledPath' in init) runSpoolThread(init);
else runDecodeThread(init);
