/** Code pages whose bytes below 128 are ASCII, one byte a character. */
const singleByte = [
  'cp437',
  'cp737',
  'cp775',
  'cp850',
  'cp852',
  'cp855',
  'cp857',
  'cp858',
  'cp860',
  'cp861',
  'cp862',
  'cp863',
  'cp864',
  'cp865',
  'cp866',
  'cp869',
  'iso-8859-1',
  'iso-8859-2',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-5',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-9',
  'iso-8859-10',
  'iso-8859-11',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-15',
  'iso-8859-16',
  'koi8-r',
  'koi8-u',
  'macintosh',
  'windows-874',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
] as const;

/** Code pages of East Asia: a byte above 128 may have a second one with it, which is never a line end. */
const doubleByte = ['cp932', 'cp936', 'cp949', 'cp950'] as const;

/** Encodings that a log file may be said to have. `auto`: what its first bytes tell, UTF-8 when they tell nothing. */
export const encodingNames = ['auto', 'utf-8', 'utf-16le', 'utf-16be', ...singleByte, ...doubleByte] as const;
export type EncodingName = (typeof encodingNames)[number];

export const isDoubleByte = (name: EncodingName): boolean => (doubleByte as readonly string[]).includes(name);
