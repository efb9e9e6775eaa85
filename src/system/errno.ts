import { getSystemErrorName } from 'node:util';

/** The name of an error number, such as `EADDRINUSE`. */
export function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `errno ${errno}`;
  }
}
