/** What every program prints for `--version`. */
export const VERSION = '0.1.0';
