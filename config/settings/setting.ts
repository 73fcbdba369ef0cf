/** How a setting's text is read: the kind decides the parser, the unit and the check. */
export type SettingKind = 'text' | 'texts' | 'globs' | 'bytes' | 'duration' | 'integer' | 'port' | 'boolean';

export interface Setting {
  kind: SettingKind;
  /** Bytes for `bytes`, milliseconds for `duration`. */
  default: string | number | boolean | readonly string[];
  min?: number;
  max?: number;
  /** The only values there are, for a `text` and the items of `texts`. */
  oneOf?: readonly string[];
  doc: string;
}
