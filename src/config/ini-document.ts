/** What was read from a configuration file: sections, options, lines, and what was wrong. */

export type IniValue =
  | { readonly kind: 'text'; readonly text: string }
  /** UTF-8, with one line feed between lines; overwritten when the document is disposed of. */
  | { readonly kind: 'secret'; readonly bytes: Uint8Array };

export interface IniOption {
  /** In lower case. */
  readonly name: string;
  /** 0 for one that is built in. */
  readonly line: number;
  readonly value: IniValue;
}

/**
 * What can be wrong with a line. `syntax` is the kind `configparser` collects; it stops at
 * the first of any other kind.
 */
export type IniProblemKind =
  | 'missing-section-header'
  | 'duplicate-section'
  | 'duplicate-option'
  | 'encoding'
  | 'syntax';

export interface IniProblem {
  readonly kind: IniProblemKind;
  readonly line: number;
  /** Never holds the line itself: it may be part of a secret (S4). */
  readonly message: string;
  readonly hint?: string;
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  /** The section's own options, without the defaults. */
  readonly options: ReadonlyMap<string, IniOption>;
  readonly problems: readonly IniProblem[];
}

/** A line that may have been meant as a section header and was not read as one. */
export interface LostHeader {
  readonly name: string;
  readonly line: number;
}

export interface IniDocument extends Disposable {
  readonly file: string;
  /** The options of all `[DEFAULT]` sections; they count in every section. */
  readonly defaults: IniSection;
  /** In the order of the file. A name that comes twice is there twice, both with a problem. */
  readonly sections: readonly IniSection[];
  /** What is wrong before the first section header. */
  readonly preamble: readonly IniProblem[];
  /** Everything that is wrong anywhere, in the order of the file. */
  readonly problems: readonly IniProblem[];
  readonly lostHeaders: readonly LostHeader[];
  /** Lines where something that is no comment follows a section header, and is ignored. */
  readonly linesCutShort: readonly number[];
}
