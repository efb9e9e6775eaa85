/**
 * Starting processes without Node's `child_process`, which copies the page tables of the
 * whole server for each (measured: 15 ms with 300 MB in use; posix_spawn(3) 0.3 ms however
 * large). Numbers are Linux's.
 */
import { dlopen, getRawPointer } from 'node:ffi';
import { type Descriptor, SystemCallError } from './libc.ts';

const { functions: libc } = dlopen(null, {
  posix_spawn: {
    arguments: ['buffer', 'buffer', 'buffer', 'buffer', 'buffer', 'buffer'],
    return: 'int32',
  },
  posix_spawnattr_init: { arguments: ['buffer'], return: 'int32' },
  posix_spawnattr_setflags: { arguments: ['buffer', 'int16'], return: 'int32' },
  posix_spawnattr_setsigdefault: { arguments: ['buffer', 'buffer'], return: 'int32' },
  posix_spawnattr_setsigmask: { arguments: ['buffer', 'buffer'], return: 'int32' },
  posix_spawn_file_actions_init: { arguments: ['buffer'], return: 'int32' },
  posix_spawn_file_actions_destroy: { arguments: ['buffer'], return: 'int32' },
  posix_spawn_file_actions_addopen: {
    arguments: ['buffer', 'int32', 'string', 'int32', 'uint32'],
    return: 'int32',
  },
  posix_spawn_file_actions_adddup2: { arguments: ['buffer', 'int32', 'int32'], return: 'int32' },
  posix_spawn_file_actions_addclosefrom_np: { arguments: ['buffer', 'int32'], return: 'int32' },
  posix_spawn_file_actions_addchdir_np: { arguments: ['buffer', 'string'], return: 'int32' },
});

/** These calls return the error number itself. */
function check(call: string, errno: number): void {
  if (errno !== 0) throw new SystemCallError(call, errno);
}

const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;

/** At least sizeof(posix_spawnattr_t), sizeof(posix_spawn_file_actions_t), sizeof(sigset_t). */
const ATTRIBUTES_SIZE = 512;
const FILE_ACTIONS_SIZE = 256;
const SIGNAL_SET_SIZE = 128;

/** A session of its own, no signal ignored (Node ignores SIGPIPE), none blocked. Kept. */
const attributes = new Uint8Array(ATTRIBUTES_SIZE);
check('posix_spawnattr_init', libc.posix_spawnattr_init(attributes));
check(
  'posix_spawnattr_setflags',
  libc.posix_spawnattr_setflags(
    attributes,
    POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK,
  ),
);
const allSignals = new Uint8Array(SIGNAL_SET_SIZE).fill(0xff);
check('posix_spawnattr_setsigdefault', libc.posix_spawnattr_setsigdefault(attributes, allSignals));
const noSignals = new Uint8Array(SIGNAL_SET_SIZE);
check('posix_spawnattr_setsigmask', libc.posix_spawnattr_setsigmask(attributes, noSignals));

const O_RDWR = 2;

/**
 * Starts a program as the leader of a session and process group of its own, in "/", with
 * nothing but `environment` (`NAME=value`) and three descriptors: standard input is
 * /dev/null, standard output and error are `output`, or /dev/null when that is null.
 * @param args with the program's name first
 * @returns its process ID; the caller reaps it
 * @throws SystemCallError; RangeError when a text holds a NUL
 */
export function spawnSession(
  path: string,
  args: readonly string[],
  environment: readonly string[],
  output: Descriptor | null,
): number {
  const texts = new SpawnTexts(path, args, environment);
  const actions = new Uint8Array(FILE_ACTIONS_SIZE);
  check('posix_spawn_file_actions_init', libc.posix_spawn_file_actions_init(actions));
  try {
    const add = (errno: number): void => check('posix_spawn_file_actions', errno);
    add(libc.posix_spawn_file_actions_addopen(actions, 0, '/dev/null', O_RDWR, 0));
    add(libc.posix_spawn_file_actions_adddup2(actions, output ?? 0, 1));
    add(libc.posix_spawn_file_actions_adddup2(actions, 1, 2));
    add(libc.posix_spawn_file_actions_addclosefrom_np(actions, 3));
    add(libc.posix_spawn_file_actions_addchdir_np(actions, '/'));
    const pid = new Int32Array(1);
    check(
      'posix_spawn',
      libc.posix_spawn(pid, texts.path, actions, attributes, texts.argv, texts.envp),
    );
    return pid[0] ?? 0;
  } finally {
    libc.posix_spawn_file_actions_destroy(actions);
  }
}

/**
 * The texts of one start as C wants them. All of it is in one ArrayBuffer: none of it moves,
 * and none is freed while a view of any part is in use.
 */
class SpawnTexts {
  readonly path: Uint8Array;
  readonly argv: BigUint64Array;
  readonly envp: BigUint64Array;

  constructor(path: string, args: readonly string[], environment: readonly string[]) {
    const texts = [path, ...args, ...environment].map((text) => {
      if (text.includes('\0')) throw new RangeError('a NUL character in a command');
      return new TextEncoder().encode(`${text}\0`);
    });
    const pointersLength = 8 * (args.length + 1 + environment.length + 1);
    const textsLength = texts.reduce((sum, text) => sum + text.length, 0);
    const memory = new ArrayBuffer(pointersLength + textsLength);
    const bytes = new Uint8Array(memory);
    const start = getRawPointer(memory);
    const offsets: number[] = [];
    let offset = pointersLength;
    for (const text of texts) {
      bytes.set(text, offset);
      offsets.push(offset);
      offset += text.length;
    }
    const [pathOffset = 0, ...others] = offsets;
    this.path = bytes.subarray(pathOffset);
    this.argv = new BigUint64Array(memory, 0, args.length + 1);
    this.envp = new BigUint64Array(memory, this.argv.byteLength, environment.length + 1);
    const pointers = others.map((place) => start + BigInt(place));
    this.argv.set(pointers.slice(0, args.length));
    this.envp.set(pointers.slice(args.length));
  }
}
