/** Entry of the decode thread. */
import { workerData } from 'node:worker_threads';
import { runDecodeThread, type ThreadInit } from './file-decode-thread.js';
import { runSpoolThread, type SpoolThreadInit } from './file-spooled-thread.js';

const init = workerData as ThreadInit | SpoolThreadInit;
if ('spooledPath' in init) runSpoolThread(init);
else runDecodeThread(init);
