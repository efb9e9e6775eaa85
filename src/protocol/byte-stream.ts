export type { ByteStream } from '../core/byte-stream.ts';
