/** The program of the decode thread. */
import { workerData } from 'node:worker_threads';
import type { ThreadInit } from './protocol.js';
import { serve } from './server.js';

serve(workerData as ThreadInit);
