import { MandosError } from '../core/error.ts';
import type { IniDocument, IniOption, IniSection } from './ini-document.ts';
import { interpolate, lookUp } from './interpolation.ts';

/**
 * Typed reading of one section of a document, over its defaults. Everything thrown is a
 * `MandosError` that starts with file and line and names the option.
 */
export class OptionReader {
  readonly #document: IniDocument;
  readonly #section: IniSection;

  constructor(document: IniDocument, section: IniSection) {
    this.#document = document;
    this.#section = section;
  }

  find(name: string): IniOption | undefined {
    return lookUp(this.#section, this.#document.defaults, name);
  }

  /** The text as it is written, or null when the option is not there. */
  raw(name: string): string | null {
    const option = this.find(name);
    return option?.value.kind === 'text' ? option.value.text : null;
  }

  /** The expanded text, or null when the option is not there. */
  text(name: string): string | null {
    const option = this.find(name);
    return option?.value.kind === 'text' ? this.#expanded(option, option.value).text : null;
  }

  /** The expanded bytes of a secret option, or null; the caller wipes them. */
  secret(name: string): Uint8Array | null {
    const option = this.find(name);
    return option?.value.kind === 'secret' ? this.#expanded(option, option.value).bytes : null;
  }

  /** The expanded text put through `parse`; the option has to be there or built in. */
  parsed<T>(name: string, parse: (text: string) => T): T {
    const text = this.text(name);
    if (text === null) throw this.error(name, 'it is missing');
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof MandosError)) throw error;
      throw this.error(name, error.message, error);
    }
  }

  /** Throws if any option of the section, used or not, cannot be expanded. */
  expandAll(): void {
    const names = new Set([
      ...this.#section.options.keys(),
      ...this.#document.defaults.options.keys(),
    ]);
    for (const name of names) {
      if (this.text(name) === null) this.secret(name)?.fill(0);
    }
  }

  /** An error about the option's value that says where it is. */
  error(name: string, message: string, cause?: MandosError): MandosError {
    const line = this.find(name)?.line || this.#section.line;
    return new MandosError(
      'config-value',
      `${this.#document.file}:${line}: option ${JSON.stringify(name)}: ${message}`,
      { ...(cause?.hint === undefined ? {} : { hint: cause.hint }), cause },
    );
  }

  #expanded<T extends IniOption['value']>(option: IniOption, value: T): T {
    const result = interpolate(value, this.#section, this.#document.defaults);
    if (result.kind === 'problem') throw this.error(option.name, result.message);
    return result.value;
  }
}
