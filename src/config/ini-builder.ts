import { concat } from '../core/bytes.ts';
import type { IniDocument, IniOption, IniProblem, IniValue, LostHeader } from './ini-document.ts';
import { stripEnd } from './python-whitespace.ts';

const DEFAULT_SECTION = 'DEFAULT';
const LINE_FEED = Uint8Array.of(0x0a);
const NOTHING = new Uint8Array(0);
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** A byte order mark is a character like any other to `configparser`, hence `ignoreBOM`. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface OpenSection {
  readonly name: string;
  readonly line: number;
  readonly options: Map<string, IniOption>;
  readonly problems: IniProblem[];
}

interface OpenOption {
  readonly name: string;
  readonly line: number;
  readonly section: OpenSection;
  readonly parts: Uint8Array[];
  /** It was in the section before: its lines are read and not kept. */
  readonly repeated: boolean;
}

/**
 * Puts a document together from lines that are already told apart. It keeps the rules about
 * what follows what: which section an option is in, which value a line continues, what comes
 * twice.
 */
export class IniBuilder {
  readonly #file: string;
  readonly #secretOptions: ReadonlySet<string>;
  readonly #defaults: OpenSection = openSection(DEFAULT_SECTION, 0);
  readonly #sections: OpenSection[] = [];
  readonly #byName = new Map<string, OpenSection>();
  readonly #preamble: IniProblem[] = [];
  readonly #problems: IniProblem[] = [];
  readonly #lostHeaders: LostHeader[] = [];
  readonly #linesCutShort: number[] = [];
  readonly #secrets: Uint8Array[] = [];
  #section: OpenSection | null = null;
  #option: OpenOption | null = null;

  constructor(
    file: string,
    secretOptions: ReadonlySet<string>,
    builtIn: ReadonlyMap<string, string>,
  ) {
    this.#file = file;
    this.#secretOptions = secretOptions;
    for (const [name, text] of builtIn) {
      this.#defaults.options.set(name, { name, line: 0, value: { kind: 'text', text } });
    }
  }

  /** Whether a deeper-indented line would continue a value. */
  get insideValue(): boolean {
    return this.#option !== null;
  }

  blankLine(): void {
    this.#option?.parts.push(NOTHING);
  }

  continuation(text: Uint8Array, line: number): void {
    this.#option?.parts.push(text);
    this.#noteLostHeader(text, line);
  }

  header(nameBytes: Uint8Array, line: number): void {
    this.#closeOption();
    const name = utf8.decode(nameBytes);
    if (name === DEFAULT_SECTION) {
      this.#section = this.#defaults;
      return;
    }
    const section = openSection(name, line);
    const earlier = this.#byName.get(name);
    this.#section = section;
    this.#sections.push(section);
    if (earlier === undefined) {
      this.#byName.set(name, section);
      return;
    }
    const problem = this.#report({
      kind: 'duplicate-section',
      line,
      message: `section ${JSON.stringify(name)} was there before, in line ${earlier.line}`,
    });
    earlier.problems.push(problem);
  }

  option(nameBytes: Uint8Array, value: Uint8Array, line: number): void {
    if (this.#section === null) {
      this.unreadable(nameBytes, line, false);
      return;
    }
    this.#closeOption();
    const name = utf8.decode(nameBytes).toLowerCase();
    const earlier = this.#section.options.get(name);
    const repeated = earlier !== undefined && earlier.line > 0;
    this.#option = { name, line, section: this.#section, parts: [value], repeated };
    if (repeated) {
      this.#report({
        kind: 'duplicate-option',
        line,
        message: `option ${JSON.stringify(name)} was there before, in line ${earlier.line}`,
      });
    }
    if (name.startsWith('[')) this.#noteLostHeader(nameBytes, line);
  }

  /** A line that is no header and no option; `nameless` when only an option's name is missing. */
  unreadable(text: Uint8Array, line: number, nameless: boolean): void {
    if (this.#section === null) {
      this.#report({
        kind: 'missing-section-header',
        line,
        message: 'there is something before the first section header',
        ...(BYTE_ORDER_MARK.every((byte, index) => text[index] === byte)
          ? { hint: 'the file starts with a byte order mark; save it without' }
          : {}),
      });
    } else {
      this.#report({
        kind: 'syntax',
        line,
        message: nameless
          ? 'an option has no name'
          : 'the line is neither a section header nor an option with "=" or ":"',
      });
    }
    if (nameless) this.#closeOption();
    this.#noteLostHeader(text, line);
  }

  /** The end of a header's line was not read. */
  cutShort(line: number): void {
    this.#linesCutShort.push(line);
  }

  undecodable(line: number): void {
    this.#report({ kind: 'encoding', line, message: 'the line is not UTF-8' });
  }

  finish(): IniDocument {
    this.#closeOption();
    const secrets = this.#secrets;
    return {
      file: this.#file,
      defaults: this.#defaults,
      sections: this.#sections,
      preamble: this.#preamble,
      problems: this.#problems,
      lostHeaders: this.#lostHeaders,
      linesCutShort: this.#linesCutShort,
      [Symbol.dispose]: () => {
        for (const bytes of secrets) bytes.fill(0);
      },
    };
  }

  #closeOption(): void {
    const option = this.#option;
    if (option === null) return;
    this.#option = null;
    const { name, line, section, repeated } = option;
    if (!repeated) section.options.set(name, { name, line, value: this.#joined(option) });
  }

  #joined(option: OpenOption): IniValue {
    const separated = option.parts.flatMap((part, index) =>
      index === 0 ? [part] : [LINE_FEED, part],
    );
    const whole = concat(separated);
    const bytes = stripEnd(whole);
    if (!this.#secretOptions.has(option.name)) return { kind: 'text', text: utf8.decode(bytes) };
    this.#secrets.push(whole);
    return { kind: 'secret', bytes };
  }

  #report(problem: IniProblem): IniProblem {
    this.#problems.push(problem);
    (this.#section?.problems ?? this.#preamble).push(problem);
    return problem;
  }

  /** Only a line with a bracket at an end can be one, so no line of base64 is looked at. */
  #noteLostHeader(text: Uint8Array, line: number): void {
    if (text[0] !== 0x5b && text.at(-1) !== 0x5d) return;
    const name = utf8.decode(text).replace(/^\[/, '').replace(/\]$/, '');
    this.#lostHeaders.push({ name, line });
  }
}

function openSection(name: string, line: number): OpenSection {
  return { name, line, options: new Map(), problems: [] };
}
