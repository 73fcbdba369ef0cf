/**
 * One kind of secret, as data: what it looks like, what shows that it
 * works, and what it must leave alone.
 *
 * Patterns run on text whose bytes stand for characters (latin1), so they name the characters that end a value rather
 * than use `\s`, which would take the second byte of a UTF-8 character (0xA0) for a space and mask half of a secret.
 */
export interface RedactionRule {
  /** Stands in every mark it leaves. */
  name: string;
  /** Global and sticky-free; the group `secret` is what gets replaced, everything around it stays. */
  pattern: RegExp;
  /** Further check of the secret, where a pattern cannot say it. */
  accept?: (secret: string) => boolean;
  /**
   * What a line must have for this rule to be tried, in lower case; `#` stands for any digit. They are the words that
   * one pass over the bytes looks for, so a rule costs nothing on a line without them.
   */
  hints: readonly string[];
  /** One of these must be in it as well, exactly so: a quick test that spares the pattern. */
  needs?: readonly string[];
  /** The value gets a pseudonym (`guid-…`) instead of a mark. */
  identity?: true;
  /** The value holds text of its own: it is decoded, redacted inside, and encoded again. */
  nested?: 'base64';
  /** Only in this profile. */
  profile?: 'strict';
  /** Text → what must not be in it afterwards. */
  positive: readonly (readonly [text: string, secret: string])[];
  /** Text that must come out as it went in. */
  negative: readonly string[];
}

/** A mark that an earlier rule left is no secret. */
export const unmarked = '(?!\\[masked:[a-z-]+:[0-9a-f]{8}\\])';

/** A quote in XML, or in XML within XML; in JSON as .NET writes it within a string; in nginx' logs. */
export const entityQuote = '(?:&(?:amp;)?(?:quot|apos|#34|#39);|\\\\{1,3}(?:u00|x)2[27])';
/** A quote, as it is, within a JSON string (three deep at most), or in XML. */
export const quote = `(?:\\\\{0,7}["']|${entityQuote})`;
/** A value in quotes that are as they are or escaped; without an end when the line was cut. */
export const quoted = `\\\\{1,7}"(?:(?!\\\\{1,7}")[^\\r\\n])+\\\\{1,7}"|"(?:\\\\.|[^"\\\\\\r\\n])+"|'(?:\\\\.|[^'\\\\\\r\\n])+'|\\\\{1,7}"[^"\\\\\\r\\n]+(?=["\\r\\n]|$)|"[^"\\r\\n]+(?=[\\r\\n]|$)|'[^'\\r\\n]+(?=[\\r\\n]|$)`;
/** A value behind a quote of XML. */
export const inEntities = `(?<=${entityQuote})(?:(?!${entityQuote})[^<>"\\r\\n])+`;

/** UTF-8 as the characters that stand for its bytes. */
export const inBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Names of fields whose value is a secret, whatever it looks like. */
export const secretName =
  '(?:(?<!ch|no)pass(?:words?|wd|phrase|code)|(?<![a-z])pass(?=["\']?[:=])|pwd(?!=/)|secrets?|secret[_-]?(?:key|text|value(?:[_-]?text)?)|api[_-]?keys?|access[_-]?keys?|account[_-]?key|shared[_-]?access[_-]?key|private[_-]?key|encryption[_-]?key|storage[_-]?key|primary[_-]?key[_-]?value|client[_-]?secret|(?:auth|access|refresh|session|id|bearer|sas|security)[_-]?token|cpassword|autoadminlogon[_-]?password|default[_-]?password|key[_-]?material|key[_-]?content|recovery[_-]?password|wpa[_-]?psk|psk|ms-mcs-admpwd|mslaps-(?:encrypted)?password|unicodepwd|dbcspwd|ntlm[_-]?hash|(?<!e|a)nt[_-]?hash|(?<!a|i)lm[_-]?hash|(?<!publickey)token|credentials?|snmp[_-]?community|community[_-]?string)';

/** What Windows and programs call a password in other languages of their surfaces; also within longer names. */
const foreignNames =
  '(?:kenn|pass)wort|mot[ _-]?de[ _-]?passe|contrase(?:ñ|Ñ|n)a|senha|palavra-?passe|wachtwoord|has(?:ł|Ł)(?:o|O)|(?<![a-z])heslo|l(?:ö|Ö)senord|(?<![a-z])passord|adgangskode|salasana|jelsz(?:ó|Ó)|(?:ş|Ş|S|s)(?:i|İ|I)fre|(?<![a-z])parola|geheimnis|(?:П|п)ароль|ПАРОЛЬ|パスワード|密码|密碼|비밀번호|(?:κ|Κ)ωδικό(?:ς|)(?: πρόσβασης)?|סיסמ(?:ה|א|ת)|كلمة (?:المرور|السر)|รหัสผ่าน|m(?:ậ|Ậ)t kh(?:ẩ|Ẩ)u|kata sandi|parol(?:ă|Ă)|(?:л|Л)озинка|lozinka|slapta(?:ž|Ž)odis|(?<![a-z])geslo|(?:К|к)люч доступа|アクセス ?キー|(?:zugriffs|geheimer )schl(?:ü|Ü)ssel|cl(?:é|É) d.acc(?:è|È)s|clave (?:secreta|de acceso)|chave (?:secreta|de acesso)';
/** Names that are the ends of ordinary words as well: the sign must follow. */
const namesBeforeSign =
  '(?<![a-z])pass|(?:key|store|trust|user|db|root|admin|smtp|mail|bind|proxy|sudo|become|ssh|ftp|login|sql|require)[_-]?pass|(?:(?<![a-z])|db|root|bind|admin|user|ftp|login|smtp|mail|sql|ldap)pw|passw|passwrd|pswd|(?<![a-z])psw|(?:signing|master|hmac|auth|subscription|validation|decryption|wep|shared|pre-?shared|app|functions|workspace|witness|fernet|(?<!public)security|(?:totp|[mh]?otp|mfa)(?:[_-]?seed)?|jwt(?:__?|[:.-])?)[_-]?key[0-3]?|(?:totp|[mh]?otp|mfa)[_-]?(?:seed|secret)|protectedsettings|(?:signing|master|hmac|pre-?shared)[ ]key|keystore[.]pass|(?:api|access|secret|encryption)[ .]keys?|secret[_-]key[_-]base|private-mac|client-key-data|authtok|masterauth|rediscli_auth|password_in|secret[_ ]?id(?=["\']?[ \\t]{0,20}[:=][ \\t]{0,40}["\']?[0-9a-f]{8}-[0-9a-f]{4}-)';
/** `pw=12.5` and `pw: 80W` are a power. */
const sign = `(?=${quote}?[ \\t]{0,20}[:=])(?!(?<=pw)[ \\t]{0,4}[:=][ \\t]*\\d{1,5}(?:\\.\\d+[a-z%]{0,2}|[a-z%]{1,2})(?![a-z\\d.]))`;
/** Names of keys of which many are no secret: the value must look like a key. */
const namesBeforeKey = `(?:primary|secondary|activation|routing|integration|service|session|registration|ingestion|licen[cs]e|product|kg)[_ -]?key(?=${quote}?[ \\t]{0,20}[:=][ \\t]{0,4}${quote}?(?=[A-Za-z+/_-]*\\d)(?:[A-Za-z0-9+/_]{24,}={0,2}|[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})(?:${quote}|[ \\t,;}\\r\\n]|$))`;
/** Rarer names: lines with the others are spared them. A bare `pass` must have its sign next to it, or a quote. */
export const rareSecretName = `(?:(?<=\\$)p(?:ass|w|wd|lain(?:text)?)${sign}|(?!pass[ \\t])(?:${namesBeforeSign})${sign}|${namesBeforeKey}|${inBytes(foreignNames)})`;

/** Words that follow `password=` in help texts and settings and are no secret. */
const harmless =
  /^(?:true|false|yes|no|on|off|null|none|nil|undefined|empty|\*+|[|>][-+0-9]{0,2}|x{3,}|\.{3,}|<[^>]*>|\$\{[A-Za-z_][A-Za-z0-9_.:]*\}?|\$\([^)]*\)?|[a-z]|%[A-Za-z_]+%|\{\{?(?:[A-Za-z_.$: -]*\d{0,2}|[^}]*\}\})\}?|[0-9]|\(null\)|\*{0,8}[[(<]?(?:redacted|hidden|removed|masked|filtered|protected|omitted|sensitive|scrubbed)[\])>]?\*{0,8}|0x[0-9a-f]{1,16}|\d{2,3}|prompt|required|optional|expired|changed|incorrect|invalid|wrong|missing|unset|set|ok|failed|disabled|enabled|denied|granted|created|updated|deleted|rotated|not|was|is|has|for|the|and|or|System\.[A-Za-z.]+|string|type|file|files|compat|include|same-origin|authentication|manager|provider|policy|request|response|age|length|count|abgelaufen|ge(?:ä|Ã¤)ndert|ung(?:ü|Ã¼)ltig|falsch|erforderlich|leer|gesetzt|ja|nein|kein|keine|incorrecta?|requise?|requerid[ao]|oui|non|autogenerate(?:,isolateapps)?|[`@]|\(\d{1,5})$/i;
/**
 * Names of variables, as scripts write them, calls without arguments, cmdlets, and Windows' rights of access tokens;
 * `$ecret99Zebra` is none of them.
 */
const named =
  /^(?:\$(?:env:)?(?:[A-Za-z_][A-Za-z_.:]*\d{0,2}|[A-Z_][A-Z0-9_]*)|[A-Za-z_.$]+\(|(?:Get|New|Read|ConvertTo|ConvertFrom|Import|Invoke|Select|Unprotect|Join|Resolve|Request)-[A-Z][A-Za-z]+|TOKEN_[A-Z_]+)$/;
export const isSecretValue = (secret: string): boolean => {
  const bare = secret.replace(/^[\\"']+|[\\"']+$/g, '');
  return !harmless.test(bare) && !named.test(bare);
};

/** The same names, for fields of structured records. */
export const secretFieldName = new RegExp(
  `^[A-Za-z0-9_. -]{0,60}(?:${secretName}|${foreignNames}|${namesBeforeSign})$`,
  'i',
);
