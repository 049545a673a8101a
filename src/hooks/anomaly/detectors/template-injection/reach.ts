/**
 * What an expression of a template reaches for that no page needs: classes, modules, commands,
 * files and the template engine itself. By language; all in lower case.
 */

/** Jinja, Mako, Tornado: up from any object to all classes, and to the modules of the process. */
const python = [
  /__(?:class|mro|bases?|subclasses|globals|builtins|init|import|dict|getattribute|getitem|code|self|reduce)__/,
  /\|\s{0,4}attr\s{0,4}\(|\\x5f|\['?_'?\*2/,
  /\bos\s{0,4}\.\s{0,4}(?:popen|system|environ|listdir|exec)|^\s{0,4}(?:import|from)\s{1,4}(?:os|sys|subprocess|commands|platform|pty)\b|\bsubprocess\b|\bpopen\s{0,4}\(/,
  /\bsecret_key\b|\bconfig\.(?:items|iteritems|from_|root_path|__)|_templatereference__|\brequest\.(?:application|environ)\b/,
]

/** SpEL, OGNL, Freemarker, Velocity, Groovy, expression language: reflection. */
const java = [
  /\bgetclass\s{0,4}\(|\bforname\s{0,4}\(|\.class\.(?:forname|getclassloader|getresource|classloader|protectiondomain|inspect)|\bclass\.(?:getresource|inspect|(?:get)?classloader)/,
  /\bt\s{0,4}\(\s{0,4}(?:java|org|com|sun|javax)\b|\bjava\.(?:lang|util|io|net)\.|\bjavax\.|@java|@ognl|com\.opensymphony/,
  /\bgetruntime\b|\bprocessbuilder\b|\bnewinstance\s{0,4}\(|\bget(?:declared)?(?:field|method|constructor)s?\s{0,4}\(|\bsetaccessible\s{0,4}\(/,
  /\?\s{0,4}(?:new|api|eval|interpret)\b\s{0,4}(?:\(|\.|$)|freemarker\.template|#_memberaccess|#context\b|#(?:rt|ctx|dm|req|application)\s{0,4}[=.[]|scriptenginemanager|@asttest|\bevaluate\s{0,4}\(\s{0,4}['"]|\.setattribute\s{0,4}\(|\.setresponseheader\s{0,4}\(/,
]

/** Angular, Vue, Handlebars, Nunjucks, Pug, EJS: from any value to `Function`, and to the process. */
const javascript = [
  /\bconstructor['"\]\s)]{0,4}(?:\(|`|\.\s{0,4}(?:constructor|_|prototype\.)|\[)|['"]constructor['"]/,
  /\bmainmodule\b|\bchild_process\b|\b(?:global|globalthis|root|this)\.process\b|process\.binding|\bspawnsync\b|require\.main\b/,
  /\$eval\b|\$\$(?:watchers|hashkey)|\$on\.|\b_self\b|\b(?:alert|confirm|prompt)\s{0,4}\(/,
]

/** Functions of PHP that run commands or code, or touch files. */
export const phpFunctions =
  'system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|assert|eval|phpinfo|create_function|call_user_func(?:_array)?|array_map|array_filter|ini_set|file_get_contents|file_put_contents|readfile|show_source|highlight_file|move_uploaded_file|base64_decode|gzinflate|str_rot13|preg_replace_callback|register_shutdown_function|opendir|scandir|fopen|include_php|getenv|posix_getuid|php_uname'

/** Twig, Smarty: functions called, or named to a filter that calls them. */
const php = [
  new RegExp(`(?<![\\w.$])(?:${phpFunctions})\\s{0,4}\\(`),
  new RegExp(`[(,[:]\\s{0,4}['"](?:${phpFunctions})['"]`),
  /registerundefinedf|getfilter\s{0,4}\(|\|\s{0,4}file_excerpt|\bapp\.request\.server\b|\bsmarty(?:_internal|\.(?:version|template_object))|\bself::/,
]

/** ERB, Slim, Elixir, Perl, Razor, Go: commands, files, processes. */
const others = [
  /^[=\s-]{0,8}`[\w/]|%x[^\w\s]|\bopen3\b|\b(?:file|dir|io|kernel|process)\.(?:open|read|readlines|write|entries|glob|popen|exec|spawn|system|start|capture\w*|binread|new)\b|\binstance_(?:eval|variable_get)|\.send\s{0,4}\(\s{0,4}:/,
  /\b(?:system\.(?:shell|cmd|diagnostics|reflection|io\.file)|code\.eval\w*)|^\s{0,4}\.\s?system\b|\.gettype\s{0,4}\(\)\s{0,4}\.|\beval\s{0,4}\(?\s{0,4}request\b/,
  /(?:\/etc\/(?:passwd|shadow|hosts)|\/proc\/self|win\.ini|\.\.\/\.\.\/)/,
]

const reaches = [...python, ...java, ...javascript, ...php, ...others]

/** What of this honest template literals of JavaScript may have. */
const ordinaryInScripts = new Set(others)

/** Whether an expression reaches for what no page needs. */
export const reachesOut = (content: string, isScript: boolean): boolean =>
  reaches.some((reach) => !(isScript && ordinaryInScripts.has(reach)) && reach.test(content))

/** The engine's own objects, shown whole: `{{ config }}`, `{% debug %}`. */
export const showsEngine = (content: string): boolean =>
  /^\s{0,8}(?:config|settings|self|_self|_context|debug|locals\(\)|globals\(\)|dump\(\w{0,20}\)|\$smarty\.\w{1,20}|_self\.\w{1,40})\s{0,8}$/.test(
    content,
  )
