/** Entry of the decode thread. */
import { workerData } from 'node:worker_threads';
import { runDecodeThread, type ThreadInit } from './file-decode-thread.js';

runDecodeThread(workerData as ThreadInit);
