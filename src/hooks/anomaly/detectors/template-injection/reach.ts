/**
 * What an expression of a template reaches for that no page needs: classes, modules, commands,
 * files and the template engine itself. By language; all in lower case.
 */

/** Names that tell even where there is nothing but names and dots. */
const names: readonly RegExp[] = [
  /__(?:class|mro|bases?|subclasses|globals|builtins|init|import|dict|getattribute|getitem|code|self|reduce|proto)__/,
  /\bos\s{0,4}\.\s{0,4}(?:popen|system|environ|listdir|exec)|^-?\s{0,4}(?:import|from)\s{1,4}(?:os|sys|subprocess|commands|platform|pty)\b|\bsubprocess\b/,
  /\bsecret_key\b|\bconfig\.(?:items|iteritems|from_|root_path|__)|_templatereference__|\brequest\.(?:application|environ)\b|\bhandler\.(?:application|settings)\b|\bget_admin_log\b|\bstorages\.\d\.signer/,
  /\.class\.(?:forname|getclassloader|getresource|classloader|protectiondomain|inspect)|\bclass\.(?:getresource|inspect|(?:get)?classloader)|\bjava\.(?:lang|util|io|net)\.|\bjavax\.|com\.opensymphony|\b(?:getruntime|runtime\.exec)\b|\bprocessbuilder\b|freemarker\.template|scriptenginemanager|\bservletcontext\.(?:serverinfo|attribute)|\bsystem(?:properties|environment)\b/,
  /\bmainmodule\b|\bchild_process\b|\b(?:global|globalthis|root|this)\.process\b|process\.binding|\bspawnsync\b|require\.main\b|\.constructor\b|^\s{0,4}constructor\s{0,4}$/,
  /\$eval\b|\$\$(?:watchers|hashkey)|\$on\.|^[\s=]{0,4}_\.(?:version|templatesettings)\b|\b_self\.(?:env|display|gettemplate)|\bdocument\.(?:cookie|domain|write|location)/,
  /\bapp\.request\.server\b|\bsmarty(?:_internal|\.(?:version|template_object))|^\s{0,4}apply\s{1,4}(?:eval|exec)\b/,
]

/** Jinja, Mako, Tornado: up from any object to all classes, and to the modules of the process. */
const python: readonly RegExp[] = [
  /\|\s{0,4}attr\s{0,4}\(|\\x5f|\['?_'?\*2|['"]__[a-z]{1,12}['"]\s{0,4}[+~]|\[\s{0,4}request\.(?:args|values|form|cookies|headers)\b|\.(?:mro|subclasses)\s{0,4}\(/,
  /^-?\s{0,4}(?:import|from)\s{1,4}['"](?:os|sys|subprocess|commands|pty)['"]|\bpopen\s{0,4}\(/,
]

/** SpEL, OGNL, Freemarker, Velocity, Groovy, expression language: reflection. */
const java: readonly RegExp[] = [
  /\bgetclass\s{0,4}\(|\bforname\s{0,4}\(|['"]\.class\b|\bt\s{0,4}\(\s{0,4}(?:java|org|com|sun|javax)\b|@java|@ognl/,
  /\bnewinstance\s{0,4}\(|\bget(?:declared)?(?:field|method|constructor)s?\s{0,4}\(|\bsetaccessible\s{0,4}\(|\bevaluate\s{0,4}\(\s{0,4}['"]|\.setattribute\s{0,4}\(|\.setresponseheader\s{0,4}\(|\.addheader\s{0,4}\(|['"\]]\s{0,4}\.\s{0,4}execute\s{0,4}\(|\bnew\s{1,4}(?:java\.io\.)?file\w{0,12}\s{0,4}\(/,
  /\?\s{0,4}(?:new|api|eval|interpret)\b\s{0,4}(?:\(|\.|$)|#_memberaccess|#context\b|#(?:rt|ctx|dm|req|application)\s{0,4}[=.[]|@asttest/,
]

/** Angular, Vue, Handlebars, Nunjucks, Pug, EJS: from any value to `Function`, and to the process. */
const javascript: readonly RegExp[] = [
  /\bconstructor['"\]\s)]{0,4}(?:\(|`|\.\s{0,4}(?:constructor|_|prototype\.)|\[)|['"]constructor['"]/,
  /\b(?:alert|confirm|prompt)\s{0,4}\(/,
]

/** Functions of PHP that run commands or code, or touch files. */
const functions =
  'system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|assert|eval|phpinfo|create_function|call_user_func(?:_array)?|array_map|array_filter|ini_set|file_get_contents|file_put_contents|readfile|show_source|highlight_file|move_uploaded_file|base64_decode|gzinflate|str_rot13|preg_replace_callback|register_shutdown_function|opendir|scandir|fopen|include_php|getenv|posix_getuid|php_uname'

/** Twig, Smarty: functions called, or named to a filter that calls them. */
const php: readonly RegExp[] = [
  new RegExp(`(?<![\\w.$])(?:${functions})\\s{0,4}\\(`),
  new RegExp(
    `[(,[:]\\s{0,4}['"](?:${functions})['"]|\\|\\s{0,4}@?(?:system|exec|passthru|shell_exec|popen|assert|eval|phpinfo)\\b`,
  ),
  /registerundefinedf|getfilter\s{0,4}\(|\|\s{0,4}file_excerpt|\bself::|\bconstant\s{0,4}\(\s{0,4}['"]php_|\b_context\s{0,4}\|/,
]

/** ERB, Slim, Elixir, Perl, Razor, Go, EJS: commands, files, processes. */
const others: readonly RegExp[] = [
  /\brequire\s{0,4}\(\s{0,4}['"](?:node:)?(?:os|fs|child_process|vm|net|http|process)['"]/,
  /%x[^\w\s]|\bopen3\b|\b(?:file|dir|io|kernel|process)\.(?:open|read|readlines|write|entries|glob|popen|exec|spawn|system|start|capture\w*|binread|new)\b|\binstance_(?:eval|variable_get)|\.send\s{0,4}\(\s{0,4}:/,
  /\b(?:system\.(?:shell|cmd|get_env|diagnostics|reflection|io\.file)|code\.eval\w*)|:os\.cmd\b|^\s{0,4}\.\s?system\b|\.gettype\s{0,4}\(\)\s{0,4}\.|\beval\s{0,4}\(?\s{0,4}request\b|\bcreateobject\s{0,4}\(|\bresponse\.write\s{0,4}\(/,
  /(?:^|[\s(])(?:\.\s?)?(?:exec|shell)\s{1,4}["`]|(?:^|[\s(])\.\s?(?:readfile|getfile|openfile|file|command|run)\s{1,4}["`]/,
  /(?:\/etc\/(?:passwd|shadow|hosts)|\/proc\/self|(?:win|boot)\.ini|wp-config\.php|\.\.\/\.\.\/)|^\s{0,4}(?:import|include|extends|insert)\s{1,4}["']?(?:[a-z]{2,10}:\/\/|\/etc\/)/,
]

/** Where Ruby's and Perl's commands stand; in Go it is only a text. */
const command = /^[=\s-]{0,8}`[\w/]/

/** Freemarker's own variables; a bean of Spring. Elsewhere a dot begins a value's name. */
const ofEngine =
  /^\s{0,4}(?:\.(?:data_model|version|globals|main|vars|locals)\b|@[a-z]\w{0,40}(?:[.(]|\s{0,4}$))/

/** The engine's own code, and nothing else. */
const perl = /^\s{0,4}(?:raw)?perl\s{0,4}$/

/** One pattern of several: contents are short, and to begin a look costs more than to look. */
const anyOf = (...patterns: readonly RegExp[]): RegExp =>
  new RegExp(patterns.map(({ source }) => source).join('|'))

const byName = anyOf(...names)
const inTemplates = anyOf(...names, ...python, ...java, ...javascript, ...php, ...others)

/** Honest template literals of JavaScript may have what is in `others`. */
const inScripts = anyOf(...names, ...python, ...java, ...javascript, ...php)

/** Nothing but names. */
const isPlain = /^[\w\s.$-]*$/

/** Whether an expression reaches for what no page needs. */
export function reachesOut(opening: string, content: string, isScript: boolean): boolean {
  if (!/[a-z]/.test(content)) return false
  if (opening === '${' && !isScript && ofEngine.test(content)) return true
  if (isPlain.test(content)) return byName.test(content) || (opening === '[%' && perl.test(content))
  if (opening !== '{{' && !isScript && command.test(content)) return true
  return (isScript ? inScripts : inTemplates).test(joined(content))
}

/** A name that was put together from texts, as one. */
const joined = (content: string): string =>
  /['"]\s{0,4}[~+]/.test(content) ? content.replace(/(['"])\s{0,4}[~+]\s{0,4}\1/g, '') : content

/** The engine's own objects, shown whole: `{{ config }}`, `{% debug %}`. */
export const showsEngine = (content: string): boolean =>
  /^[\s=]{0,8}(?:config|settings|request|self|_self|_context|debug|locals\(\)|globals\(\)|dump\(\w{0,20}\)|\$smarty\.\w{1,20}|_self\.\w{1,40}|process\.env|env|self\.methods|self\.class\.name|instance_variables|binding|(?:application|session|request)scope|pagecontext)\s{0,8}$/.test(
    content,
  )
