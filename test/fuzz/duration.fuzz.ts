import { parseDuration } from '../../src/core/duration.ts';
import { MandosError } from '../../src/core/error.ts';

const SEEDS = ['P1Y2M3DT4H5M6S', 'PT5M', 'P2W', '1w 2d 3h 4m 5s', ' 5m ', '99999999999999999999w'];

/** Finds a bug when a duration is no whole number of milliseconds, or another error is thrown. */
export const target = {
  name: 'duration',
  seeds: SEEDS.map((text) => new TextEncoder().encode(text)),
  run(input: Uint8Array): void {
    try {
      const duration = parseDuration(new TextDecoder().decode(input));
      if (!Number.isSafeInteger(duration) || duration < 0) throw new Error(`read as ${duration}`);
    } catch (error) {
      if (!(error instanceof MandosError)) throw error;
    }
  },
};
