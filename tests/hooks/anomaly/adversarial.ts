/** The largest body that the service takes by default, in characters of ASCII. */
export const megabyte = 1_048_576

/** What makes a naïve detector slow, or a careful one look twice: each is repeated up to a size. */
const troublesome: Readonly<Record<string, string>> = {
  'single quotes': "'",
  'double quotes': '"',
  backticks: '`',
  backslashes: '\\',
  'escaped quotes': "\\'",
  'less-than signs': '<',
  'tags that never end': '<a ',
  'tags with an open attribute': '<a b="',
  'open comments of HTML': '<!--',
  'open CDATA': '<![CDATA[',
  'open declarations': '<!ENTITY ',
  'end tags': '</a',
  'or between quotes': "'or'",
  'a quote and or': `' or `,
  'a double quote and or': `" or `,
  'union and select': "' union select ",
  'open comments of SQL': '/*',
  'closed comments of SQL': '/**/',
  'comments to the end of the line': "'-- \n",
  'open parentheses': '(',
  'nested calls': 'a(',
  equations: '1=1 ',
  'open expressions': '${',
  'nested look-ups': '${${::-',
  'open double braces': '{{',
  'open tags of a template': '<%',
  'operators of a query language': '{"$ne":',
  'steps up': '../',
  'steps up with backslashes': '..\\',
  'steps up that a filter removes once': '....//',
  'percent signs': '%',
  'encoded percent signs': '%25',
  'encoded steps up': '%252e%252e%252f',
  'encoded quotes': '%27',
  'quotes in UTF-16': '%u0027',
  'overlong slashes': '%c0%af',
  'escaped characters': '\\u0027',
  'hexadecimal escapes': '\\x27',
  'named references': '&lt;',
  'numeric references': '&#x26;',
  'nested references': '&amp;',
  'references without an end': '&#',
  'long numeric references': '&#0000000',
  separators: ';|&',
  'open substitutions': '$(',
  'separators and words': '; cat ',
  redirections: '>(',
  'filters of LDAP': ')(',
  'open filters of LDAP': '*)(|(',
  predicates: "'][",
  'line breaks': '\r\n',
  'header lines': '\r\nA: b',
  formulas: '=A1+',
  commands: '\\input{',
  addresses: 'http://',
  'addresses with users': 'http://a@',
  'data addresses': 'data:,',
  'script addresses': 'javascript:',
  'event attributes': ' onx=',
  'line breaks in a scheme': 'java\nscript:',
  prototypes: '[__proto__]',
  equals: '=',
  'hash signs': '#',
  semicolons: ';',
  'at signs': '@@',
  nulls: '\0',
  spaces: ' ',
  'no-break spaces': '\u00a0',
  'quotes among Devanagari': "नमस्ते' या ",
  'tags among Arabic': '<م ',
  'quotes among Chinese': "'或'",
  'full-width quotes': '＇',
  'full-width tags': '＜ａ ',
  'marks upon marks': "e\u0301\u0301'",
  emoji: "👍🏽'",
  'halves of surrogate pairs': "\ud83d'",
  'all of them': `'"<a \${../%27&lt;;|&\`{{\\(/*'or' `,
}

/** Honest texts of which there is simply a lot. */
const long: Readonly<Record<string, string>> = {
  'prose with apostrophes':
    "It's the customer's wish that we don't call before ten; she'd rather we'd write. They're o'clock people, he said, and isn't that what the shop's all about? ",
  code: `if (call.status !== 'done' && retries < limit) { await wait(2 ** retries * 100); log.info(\`again: \${call.id}\`) }\n`,
  Hindi: 'ग्राहक ने कहा कि उसे कल सुबह दस बजे के बाद फ़ोन किया जाए, क्योंकि वह रात में काम करता है। ',
  base64: 'aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBsb25nIHRleHQgb2Ygbm8gbWVhbmlu',
  markup: '<tr class="row"><td>Call</td><td title="it\'s done">Done &amp; billed</td></tr>\n',
  JSON: '{"id": 17, "name": "Asha", "tags": ["vip", "night"], "note": "it\\u0027s fine"}, ',
}

/** A text that is hard to judge in good time. */
export interface AdversarialText {
  readonly name: string
  readonly text: string
}

/** Every text, filled up to a size in characters. */
export const adversarialTexts = (length = megabyte): readonly AdversarialText[] =>
  Object.entries({ ...troublesome, ...long }).map(([name, piece]) => ({
    name,
    text: piece.repeat(Math.ceil(length / piece.length)).slice(0, length),
  }))
