/** What a file named `*.fuzz.ts` exports as `target`. */
export interface FuzzTarget {
  /** Lower case and hyphens; the name of the file without its ending. */
  readonly name: string;
  /** Inputs as they are in real life; everything else is made out of these. */
  readonly seeds: readonly Uint8Array[];
  /** Byte sequences that mean something to the code under test. */
  readonly dictionary?: readonly Uint8Array[];
  /** The longest time that one input may take, in milliseconds; 5000 unless told. */
  readonly timeLimit?: number;
  /**
   * Feeds the input to the code under test and checks what must hold. A refusal that the
   * code is meant to give is caught in here; whatever is thrown is a finding.
   */
  run(input: Uint8Array): void | Promise<void>;
}

export const DEFAULT_TIME_LIMIT = 5000;
