/**
 * To be imported before a program of ours: its store's thread ends, in the way that is the
 * content of the file that `ENDING_STORE` names, as soon as there is such a file.
 */
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

const file = process.env.ENDING_STORE;

if (!isMainThread && file !== undefined) {
  setInterval(() => {
    if (!existsSync(file)) return;
    switch (readFileSync(file, 'latin1')) {
      case 'exit':
        process.exit(0);
        break;
      case 'throw':
        throw new Error('a fault in the thread');
      case 'memory': {
        const all: unknown[] = [];
        for (;;) all.push(new Array(1e5).fill(all.length));
      }
    }
  }, 20);
}
