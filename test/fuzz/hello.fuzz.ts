import { asciiBytes, hex } from '../../src/core/bytes.ts';
import { HelloReader, type HelloStep, helloLimit } from '../../src/protocol/hello.ts';

/** The verdict, and how many bytes it took. */
function read(input: Uint8Array, size: number): string {
  const reader = new HelloReader();
  for (let from = 0; from < input.length; from += size) {
    const piece = input.subarray(from, from + size);
    const step: HelloStep = reader.push(piece);
    if (step.kind === 'bad') return step.problem;
    if (step.kind === 'hello') {
      const used = from + piece.length - step.rest.length;
      if (used > helloLimit) throw new Error(`a hello line of ${used} bytes was taken`);
      if (input[used - 1] !== 0x0a) throw new Error('a hello line ended without a line end');
      return `hello, ${hex(input.subarray(used))}`;
    }
  }
  if (input.length >= helloLimit) throw new Error(`${input.length} bytes were not enough`);
  return 'more';
}

export const target = {
  name: 'hello',
  seeds: ['1\r\n', ' +01 x\n\x16', '2\r\n', '-1\n', 'GET / HTTP/1.1\r\n', ' '.repeat(1024)].map(
    asciiBytes,
  ),
  run(input: Uint8Array): void {
    const whole = read(input, Math.max(1, input.length));
    for (const size of [1, 7]) {
      const cut = read(input, size);
      if (cut !== whole) throw new Error(`whole: ${whole}; in pieces of ${size}: ${cut}`);
    }
  },
};
