import { UserError } from '../base/errors.js';
import type { Collector, CollectorExit, CollectorOptions } from './collector.js';
import type { Privilege } from './privilege.js';

export class BpftraceCollector implements Collector {
  readonly name = 'bpftrace';
  readonly finished: Promise<CollectorExit> = new Promise(() => undefined);
  readonly options: CollectorOptions;
  readonly privilege: Privilege;

  constructor(options: CollectorOptions, privilege: Privilege) {
    this.options = options;
    this.privilege = privilege;
  }

  start(): Promise<void> {
    return Promise.reject(new UserError('tracing through bpftrace is not there yet'));
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
