import { ExitStatus, MandosError } from '../../core/error.ts';

/** What is said when the store has ended by itself: each cause, the outermost first. */
export function storeFailed(directory: string, cause: unknown): MandosError {
  const reasons: string[] = [];
  for (let error = cause; error instanceof Error; error = error.cause) reasons.push(error.message);
  const why = reasons.join(': ');
  return new MandosError('program', `nothing can be stored in '${directory}' any more: ${why}`, {
    exitCode: ExitStatus.software,
    hint: 'start the server again; what was stored is whole',
    cause,
  });
}
