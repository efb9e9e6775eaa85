/** The rows on the disk: SQLite with a write-ahead log, every commit durable when it returns. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ExitStatus, MandosError } from '../../core/error.ts';
import { createPrivateFile, exists } from '../../system/private-file.ts';
import { checksum, keyOf, type Row, readClient, readSign, type Sign } from './row-format.ts';

/** What is to be changed in one transaction. */
export interface DatabaseChange {
  /** By client name; null deletes the row. */
  readonly rows: ReadonlyMap<string, Row | null>;
  readonly sign: Sign;
}

export interface DatabaseContent {
  /** By name: the rows that are what was written. */
  readonly rows: ReadonlyMap<string, Row>;
  /** Null when it was lost: then no row can be judged. */
  readonly sign: Sign | null;
  /** What is wrong with the database or with single rows. */
  readonly damage: readonly string[];
}

/** The only key in its table. */
const SIGN = 'sign of life';

const SCHEMA = `
  CREATE TABLE client (key TEXT PRIMARY KEY, body TEXT NOT NULL, sealed BLOB, checksum BLOB NOT NULL)
    STRICT;
  CREATE TABLE sign (key TEXT PRIMARY KEY, body TEXT NOT NULL, checksum BLOB NOT NULL) STRICT;
`;

export class Database {
  readonly #database: DatabaseSync;
  #statements: Statements | null = null;

  private constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: 0 });
    try {
      // Before the first access: a second server must not even read, and there is no
      // shared-memory file.
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE');
      this.#database.exec('PRAGMA journal_mode = WAL');
      this.#database.exec('PRAGMA synchronous = FULL');
      this.#database.exec('PRAGMA cell_size_check = ON');
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Makes a database with this content, all of it durable. */
  static create(path: string, content: DatabaseChange): void {
    // SQLite gives its other files the mode of this one (S1).
    createPrivateFile(path, new Uint8Array(0));
    {
      using database = new Database(path);
      database.#database.exec(SCHEMA);
      database.commit(content);
    }
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /**
   * Opens the database and reads all of it; `database` is null when nothing can
   * be written to it any more. Throws `MandosError` when the reason is not damage: another
   * server has it open, the disk is full or fails.
   */
  static open(path: string): {
    readonly content: DatabaseContent;
    readonly database: Database | null;
  } {
    if (!exists(path)) return { content: lost('there is no database'), database: null };
    let database: Database | null = null;
    try {
      database = new Database(path);
      return { content: database.#read(), database };
    } catch (error) {
      database?.[Symbol.dispose]();
      if (!isDamage(error)) throw unusable(path, error);
      return { content: lost(`it cannot be read (${messageOf(error)})`), database: null };
    }
  }

  /** Returns when the change is durable; when it throws, nothing of it was done. */
  commit({ rows, sign }: DatabaseChange): void {
    const { begin, put, drop, putSign, end, undo } = this.#prepared();
    begin.run();
    try {
      for (const [name, row] of rows) {
        const key = keyOf(name);
        if (row === null) drop.run(key);
        else {
          const body = JSON.stringify(row.client);
          put.run(key, body, row.sealed, checksum(key, body, row.sealed));
        }
      }
      const body = JSON.stringify(sign);
      putSign.run(SIGN, body, checksum(SIGN, body, null));
      end.run();
    } catch (error) {
      // SQLite has undone it by itself when the disk was full.
      if (this.#database.isTransaction) undo.run();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #read(): DatabaseContent {
    const rows = new Map<string, Row>();
    const damage: string[] = [];
    try {
      const select = 'SELECT key, body, sealed, checksum FROM client';
      for (const fields of this.#database.prepare(select).iterate()) {
        const row = this.#row(fields);
        if (row === null) damage.push(`the row ${describe(fields.key)} is damaged`);
        else rows.set(row.client.name, row);
      }
      for (const { integrity_check: found } of this.#database
        .prepare('PRAGMA integrity_check(1)')
        .all()) {
        if (found !== 'ok') damage.push(`SQLite finds it malformed (${describe(found)})`);
      }
      const sign = this.#sign();
      if (sign === null) damage.push('the last sign of life is lost');
      return { rows, sign, damage };
    } catch (error) {
      if (!isDamage(error)) throw error;
      damage.push(`it cannot be read to its end (${messageOf(error)})`);
      return { rows, sign: this.#signOrNull(), damage };
    }
  }

  #row({ key, body, sealed, checksum: sum }: Record<string, unknown>): Row | null {
    if (typeof key !== 'string' || typeof body !== 'string') return null;
    if (!(sealed === null || sealed instanceof Uint8Array)) return null;
    if (!isSum(sum, checksum(key, body, sealed))) return null;
    const client = readClient(body);
    return client !== null && keyOf(client.name) === key ? { client, sealed } : null;
  }

  #sign(): Sign | null {
    const fields = this.#database
      .prepare('SELECT body, checksum FROM sign WHERE key = ?')
      .get(SIGN);
    if (fields === undefined || typeof fields.body !== 'string') return null;
    if (!isSum(fields.checksum, checksum(SIGN, fields.body, null))) return null;
    return readSign(fields.body);
  }

  #signOrNull(): Sign | null {
    try {
      return this.#sign();
    } catch (error) {
      if (!isDamage(error)) throw error;
      return null;
    }
  }

  #prepared(): Statements {
    this.#statements ??= prepareStatements(this.#database);
    return this.#statements;
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    put: prepare(
      `INSERT INTO client (key, body, sealed, checksum) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO
         UPDATE SET body = excluded.body, sealed = excluded.sealed, checksum = excluded.checksum`,
    ),
    drop: prepare('DELETE FROM client WHERE key = ?'),
    putSign: prepare(
      `INSERT INTO sign (key, body, checksum) VALUES (?, ?, ?) ON CONFLICT (key) DO
         UPDATE SET body = excluded.body, checksum = excluded.checksum`,
    ),
    end: prepare('COMMIT'),
    undo: prepare('ROLLBACK'),
  };
}

function lost(what: string): DatabaseContent {
  return { rows: new Map(), sign: null, damage: [what] };
}

function isSum(found: unknown, wanted: Uint8Array): boolean {
  return found instanceof Uint8Array && Buffer.compare(found, wanted) === 0;
}

/** Short, and with nothing in it that could be anything but a name (S4). */
function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : 'without a name';
}

// https://www.sqlite.org/rescode.html
const DAMAGE: readonly number[] = [
  1 /* ERROR: a table is missing */, 11 /* CORRUPT */, 26 /* NOTADB */,
];
const SHORT_READ = 522;
const BUSY = [5, 6];

function errcodeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}

function isDamage(error: unknown): boolean {
  const code = errcodeOf(error);
  return code !== null && (DAMAGE.includes(code & 0xff) || code === SHORT_READ);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

function unusable(path: string, cause: unknown): MandosError {
  const code = errcodeOf(cause);
  const busy = code !== null && BUSY.includes(code & 0xff);
  return new MandosError('file-unreadable', `cannot use '${path}': ${messageOf(cause)}`, {
    exitCode: busy ? ExitStatus.temporaryFailure : ExitStatus.ioError,
    hint: busy
      ? 'another mandos server has this state directory; give each its own'
      : 'nobody is served before the state can be read; look at the disk and the permissions',
    cause,
  });
}
