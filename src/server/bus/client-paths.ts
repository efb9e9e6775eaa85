/** Where the objects of all clients are. */
export const CLIENTS_PATH = '/clients';

/**
 * The object paths of clients. As in the original, `.` and `-` become `_`; every other
 * character that a path cannot hold becomes `_` and the hexadecimal of its UTF-8 bytes. When
 * two names come out the same, the later one gets a number.
 *
 * A path belongs to its name as long as the server runs, so that a script that still has the
 * path of a removed client can never act on another one.
 */
export class ClientPaths {
  readonly #paths = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /** The client's path; from the first question on it is reserved. */
  path(name: string): string {
    const known = this.#paths.get(name);
    if (known !== undefined) return known;
    const path = this.#free(`${CLIENTS_PATH}/${pathElement(name)}`);
    this.#paths.set(name, path);
    this.#names.set(path, name);
    return path;
  }

  /** Whose path it is or was. */
  name(path: string): string | undefined {
    return this.#names.get(path);
  }

  #free(wanted: string): string {
    if (!this.#names.has(wanted)) return wanted;
    for (let number = 2; ; number++) {
      const path = `${wanted}_${number}`;
      if (!this.#names.has(path)) return path;
    }
  }
}

function pathElement(name: string): string {
  const element = name.replaceAll(/[.-]/g, '_').replaceAll(/[^A-Za-z0-9_]+/g, escaped);
  return element === '' ? '_' : element;
}

function escaped(characters: string): string {
  const bytes = Buffer.from(characters, 'utf8');
  return [...bytes].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join('');
}
