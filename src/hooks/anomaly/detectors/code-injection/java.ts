/** Java and what runs in it: OGNL (Struts), the expression language, Groovy, JSP. */

const patterns: readonly RegExp[] = [
  // OGNL reaches classes and statics by `@`, and its own guards by `#`.
  /#_memberaccess\b|#context\s{0,4}[.[]|@ognl\.ognlcontext|@java\.(?:lang|util|io)\.[\w.]{1,60}@|['"@]com\.opensymphony\.xwork2|@org\.apache\.struts2\.|xwork\.methodaccessor|\(#[a-z]{1,12}\s{0,4}=\s{0,4}[@('"#n]/,
  // The class loader by way of a bean's properties (CVE-2022-22965).
  /\bclass\.(?:module\.)?classloader\b|class\[['"]?(?:module|classloader)/,
  // Full names, as code has them that has no imports; the lines of a stack trace end otherwise.
  /\bjava\.lang\.(?:runtime|processbuilder|system|class|thread|reflect\.\w{1,20})\s{0,4}\)?\s{0,4}\.\s{0,4}(?:getruntime|forname|getproperty|exit|getmethod|newinstance|sleep|getenv|currentthread)\s{0,4}\((?!\w{1,80}\.java|native|unknown)|\bnew\s{1,4}java\.(?:lang\.processbuilder|io\.file\w{0,20}|net\.url\w{0,20}|util\.scanner|net\.socket)\b|forname\s{0,4}\(\s{0,4}['"]java[x.]/,
  // The page's string ends, or a parameter of the request is run.
  /['"]\s{0,4}[)\]};+]{1,8}\s{0,4}(?:new\s{1,4}processbuilder|runtime\.getruntime)\s{0,4}\(|getruntime\s{0,4}\(\)\s{0,4}\.\s{0,4}exec\s{0,4}\(\s{0,4}(?:request|req|param)\b|new\s{1,4}processbuilder\s{0,4}\(\s{0,4}(?:request|req|param)\b/,
  /scriptenginemanager\s{0,4}\((?!\w{1,80}\.java)|javax\.script\.scriptenginemanager\b(?!\.)|com\.sun\.(?:rowset\.jdbcrowsetimpl|org\.apache\.(?:xalan\.internal\.xsltc\.trax\.templatesimpl|bcel\.internal))|org\.apache\.commons\.collections\.functors/,
  // Groovy runs any string.
  /['"\]]\s{0,4}\.execute\s{0,4}\(\s{0,4}\)\s{0,4}(?:\.\s{0,4}(?:text|waitfor|in\b|getinputstream)|$)/,
]

/** One of these is in all of them, and looking for a word is quicker than for a pattern. */
const words = [
  'java',
  '#',
  'ognl',
  'xwork',
  'struts',
  'class.',
  'class[',
  'forname',
  'getruntime',
  'processbuilder',
  'scriptengine',
  'jdk.',
  'com.sun',
  'collections',
  '.execute',
]

/** How surely a text is Java, or an expression that runs in it, that an attacker wants run. */
export const scoreOfJava = (lower: string): number =>
  words.some((word) => lower.includes(word)) && patterns.some((pattern) => pattern.test(lower))
    ? 0.9
    : 0
