import { isSecretValue, quote, type RedactionRule, secretName, unmarked } from '../rule.ts';

/** A value in quotes, perhaps escaped, without them. */
const inQuotes = `(?:(?!\\\\{0,3}["'])[^\\r\\n<>]){3,512}(?=\\\\{0,3}["'])`;

/** What browsers, web servers and scripts that speak HTTP leave behind, outside of a request's own header. */
export const httpRules: readonly RedactionRule[] = [
  {
    // A server's half of Kerberos or NTLM; `headers.Add("Authorization", "Basic …")`, `proxy_set_header Authorization "…"`;
    // user and password that a script makes base64 of; the map of cookies of a HAR or of a framework's log.
    name: 'http-secret',
    pattern: new RegExp(
      `(?:\\b(?:www|proxy)-authenticate${quote}?[ \\t]{0,4}[:=][ \\t]{0,4}${quote}?(?:Negotiate|NTLM|Kerberos)[ \\t]{1,4}(?=[A-Za-z0-9+/]{12,}={0,2})|\\bauthorization${quote}?[ \\t]{0,4}(?:,[ \\t]{0,4}|[ \\t])${quote}(?:Basic|Bearer|Token|ApiKey|Negotiate|NTLM)[ \\t]{1,4}(?=[A-Za-z0-9+/_.~=-]{8,})|\\b(?:GetBytes|b64encode|btoa|base64_encode|encodeToString)\\([ \\t]{0,4}b?${quote}[^"'\\\\: \\t\\r\\n]{1,64}:|\\becho[ \\t]{1,4}(?:-[a-zA-Z]{1,4}[ \\t]{1,4})?["'][^"'\\\\: \\t\\r\\n]{1,64}:(?=[^"'\\r\\n]{1,256}["'][ \\t]{0,4}\\|[ \\t]{0,4}(?:openssl[ ](?:enc[ ]-)?)?base64)|(?<=cookies?\\\\{0,3}"[ ]?:[ ]?\\{[^{}\\r\\n]{0,400}"[ ]?:[ ]?\\\\{0,3}"))${unmarked}(?<secret>[A-Za-z0-9+/]{12,}={0,2}(?=[ \\t]*(?:[,\\r\\n]|$))|${inQuotes})`,
      'gi',
    ),
    accept: isSecretValue,
    hints: [
      ...['authenticate: ne', 'authenticate: nt', 'authenticate: ke', 'authenticate":"ne', 'authenticate":"nt'],
      ...[
        'rization "',
        'rization \\"',
        "rization '",
        'rization", ',
        "rization', ",
        'rization","',
        "rization','",
        'rization\\", ',
      ],
      ...['etbytes("', "etbytes('", 'etbytes(\\', 'b64encode(', 'btoa(', 'se64_encode(', 'se64'],
      ...['cookies":{', 'cookies": {', 'cookies\\":{', 'cookies\\": {', 'cookie":{', 'cookie": {'],
    ],
    positive: [
      ['WWW-Authenticate: Negotiate oYG2MIGzoAMKAQChCwYJKoZIgvcSAQICooGe', 'oYG2MIGzoAMKAQChCwYJKoZIgvcSAQICooGe'],
      ['proxy_set_header Authorization "Basic aHVudGVyMg==";', 'aHVudGVyMg=='],
      ['{"m":"proxy_set_header Authorization \\"Basic aHVudGVyMg==\\";"}', 'aHVudGVyMg=='],
      ['client.headers.Add("Authorization", "Bearer hunter2zebra")', 'hunter2zebra'],
      ['[Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes("bob:hunter zebra"))', 'hunter zebra'],
      ["base64.b64encode(b'bob:hunter')", 'hunter'],
      ["echo -n 'bob:hunter' | base64", 'hunter'],
      ['{"cookies":{"theme":"dark","session":"hunter"}}', 'hunter'],
      ['{"r":"{\\"cookies\\":{\\"session\\":\\"hunter\\"}}"}', 'hunter'],
    ],
    negative: [
      'WWW-Authenticate: Negotiate',
      'GetBytes("$user:$pass")',
      "echo 'a b' | base64",
      '{"cookies":{}}',
      'proxy_set_header Host "x"',
      'proxy_set_header Authorization "Basic $token"',
    ],
  },
  {
    // Forms of HTML: `<input type="password" value="x">`.
    name: 'form-field',
    pattern: new RegExp(
      `<input[ \\t](?:[^<>\\r\\n]{0,300}?(?:type=${quote}password${quote}|name=${quote}[A-Za-z0-9_.:-]{0,60}${secretName}${quote}|name=${quote}__RequestVerificationToken${quote})[^<>\\r\\n]{0,300}?(?<=[ \\t])value=${quote}|(?=[^<>\\r\\n]{0,600}type=${quote}password${quote})[^<>\\r\\n]{0,300}?(?<=[ \\t])value=${quote})${unmarked}(?<secret>${inQuotes})`,
      'gi',
    ),
    accept: isSecretValue,
    hints: ['nput type=', 'nput name=', 'nput value=', 'nput id=', 'nput class='],
    needs: ['alue=', 'ALUE='],
    positive: [
      ['<input type="password" name="p" value="hunter zebra">', 'hunter zebra'],
      ["<input value='hunter' name='p' type='password'/>", 'hunter'],
      ['{"h":"<input type=\\"password\\" value=\\"hunter\\">"}', 'hunter'],
    ],
    negative: ['<input type="password" name="p">', '<input type="text" name="q" value="hunter">'],
  },
];
