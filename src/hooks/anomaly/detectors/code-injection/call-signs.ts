/**
 * Functions of Java, Node.js, Python, Ruby, ASP and .NET, and how an attacker calls them: by their
 * full names, in one breath with what gets hold of them, behind the end of the page's string, or
 * with what the request brings. Each pattern is tried where the function's name begins.
 */
export const callSigns: ReadonlyMap<string, readonly RegExp[]> = new Map(
  Object.entries({
    // SpEL names a type by `T(…)`.
    t: [/t\s{0,4}\(\s{0,4}(?:java|org|javax|sun)\.[a-z]/y],
    forname: [/forname\s{0,4}\(\s{0,4}['"]javax?\./y],
    processbuilder: [
      /(?<=['"]\s{0,4}[)\]};+]{1,8}\s{0,4}new\s{1,4})processbuilder/y,
      /processbuilder\s{0,4}\(\s{0,4}(?:request|req|param)\b/y,
    ],
    getruntime: [
      /(?<=['"]\s{0,4}[)\]};+]{1,8}\s{0,4}runtime\.)getruntime/y,
      /getruntime\s{0,4}\(\)\s{0,4}\.\s{0,4}exec\s{0,4}\(\s{0,4}(?:request|req|param)\b/y,
    ],
    // The lines of a stack trace end otherwise.
    scriptenginemanager: [/scriptenginemanager\s{0,4}\((?!\w{1,80}\.java)/y],
    groovyshell: [/groovyshell\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}(?:evaluate|parse|run)\b/y],
    // Groovy runs any string.
    execute: [
      /(?<=['"\]]\s{0,4}\.\s{0,4})execute\s{0,4}\(\s{0,4}\)\s{0,4}(?:\.\s{0,4}(?:text|gettext|waitfor|in\b|getinputstream)|$)/y,
    ],
    // Node.js: modules without `require`, or a command in one breath.
    binding: [
      /(?<=process\.)binding\s{0,4}\(\s{0,4}\\?['"](?:spawn_sync|process_wrap|natives|fs)/y,
    ],
    _load: [/(?<=constructor\s{0,4}\.\s{0,4})_load\s{0,4}\(/y],
    require: [
      /require\s{0,4}\(\s{0,4}\\?['"`](?:node:)?child_process\\?['"`]\s{0,4}\)\s{0,4}(?:\.|\[['"`])\s{0,4}(?:exec|execsync|execfile|execfilesync|spawn|spawnsync|fork)\b\s{0,4}['"`\]]{0,2}\(/y,
      /require\s{0,4}\(\s{0,4}['"`]child_['"`]\s{0,4}\+/y,
      /(?<=mainmodule\s{0,4}\.\s{0,4})require\s{0,4}\(\s{0,4}[^\s)]/y,
    ],
    import: [
      /import\s{0,4}\(\s{0,4}['"`](?:node:)?child_process['"`]\s{0,4}\)\s{0,4}\.\s{0,4}then/y,
    ],
    constructor: [
      /constructor\s{0,4}\(\s{0,4}['"`]\s{0,4}return\s{1,4}(?:process|this|global|require)\b/y,
    ],
    function: [
      /function\s{0,4}\(\s{0,4}['"`]\s{0,4}return\s{1,4}(?:process|this|global|require)\b/y,
      /(?<=\(\s{0,2})function\s{0,2}\(\)\s{0,2}\{\s{0,2}return\s{1,2}this\s{0,2};?\s{0,2}\}\s{0,2}\)\s{0,2}\(\)\s{0,2}\.\s{0,2}process/y,
    ],
    eval: [
      /eval\s{0,4}\(\s{0,4}(?:['"`][^'"`]{0,20}(?:require|process)\b|compile\s{0,4}\(|__import__|['"](?:import|__import__|system|`)|request\b)/y,
    ],
    // Python: a module in an expression.
    __import__: [
      /__import__\s{0,4}\(\s{0,4}['"](?:os|subprocess|sys|socket|pty|commands|builtins)['"]\s{0,4}\)\s{0,4}\./y,
    ],
    import_module: [
      /import_module\s{0,4}\(\s{0,4}['"](?:os|subprocess|pty)['"]\s{0,4}\)\s{0,4}\./y,
    ],
    exec: [/exec\s{0,4}\(\s{0,4}(?:compile\s{0,4}\(|__import__|['"](?:import|__import__)\b)/y],
    // Ruby: a method by its name, a command for a file.
    send: [/send\s{0,4}\(\s{0,4}:(?:system|exec|eval|instance_eval|spawn|popen|`)/y],
    const_get: [/const_get\s{0,4}\(\s{0,4}:kernel/y],
    instance_eval: [/instance_eval\s{0,4}\(\s{0,4}['"`]/y],
    open: [/open\s{0,4}\(\s{0,4}['"]\|\s{0,4}[a-z/]/y],
    // ASP, .NET, Windows: what the request brings, a product that shows it was computed, a program.
    request: [/(?<=(?:^|[^\w.])(?:eval|execute|executeglobal)\s{0,4}\(?\s{0,4})request/y],
    write: [/(?<=response\.)write\s{0,4}\(\s{0,4}\d{1,12}\s{0,4}[*+]/y],
    start: [/(?<=system\.diagnostics\.process\.)start/y],
    process: [/(?<=new\s{1,4}system\.diagnostics\.)process/y],
    run: [/(?<=wscript\.shell['"]\s{0,4}\)\s{0,4}\.\s{0,4})run/y],
    createobject: [/(?<=server\.)createobject\s{0,4}\(\s{0,4}['"]wscript\.shell/y],
  }),
)
