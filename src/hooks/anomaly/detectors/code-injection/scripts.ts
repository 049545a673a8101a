/** Node.js, Python, Perl and ASP: code that gets hold of the process by a way around the module. */

const patterns: readonly RegExp[] = [
  // Node.js: modules without `require`, or a command in one breath.
  /\bmainmodule\s{0,4}(?:\.\s{0,4}(?:require|constructor\.\w{1,20})\s{0,4}\(\s{0,4}[^\s)]|\[)|process\.binding\s{0,4}\(\s{0,4}\\?['"](?:spawn_sync|process_wrap|natives|fs)|\bconstructor\s{0,4}\.\s{0,4}_load\s{0,4}\(|\brequire\.main\.|(?:global|globalthis|this)\.process\.(?:mainmodule|exit|kill|env)/,
  /require\s{0,4}\(\s{0,4}\\?['"`](?:node:)?child_process\\?['"`]\s{0,4}\)\s{0,4}(?:\.|\[['"])\s{0,4}(?:exec|execsync|execfile|execfilesync|spawnsync)\b\s{0,4}['"\]]{0,2}\(/,
  /(?:constructor|function)\s{0,4}\(\s{0,4}['"`]\s{0,4}return\s{1,4}(?:process|this|global|require)\b|eval\s{0,4}\(\s{0,4}['"`][^'"`]{0,20}(?:require|process)\b/,
  // Python: a module in an expression.
  /__import__\s{0,4}\(\s{0,4}['"](?:os|subprocess|sys|socket|pty|commands|builtins)['"]\s{0,4}\)\s{0,4}\.|(?:eval|exec)\s{0,4}\(\s{0,4}(?:compile\s{0,4}\(|__import__|['"](?:import|__import__)\b)/,
  // Perl: an expression within a string.
  /@\{\s{0,4}\[\s{0,4}(?:[^\]\d\s,$][^\]]{0,120}|\d[^\]]{0,40}[*+(][^\]]{0,120})\]\s{0,4}\}|\$\{\s{0,4}\\\s{0,4}\(|\bcore::(?:system|exec|time|open|print|die|eval)/,
  // ASP: what the request brings is evaluated, or a product is written to show that it was.
  /(?<![\w.])(?:eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request\b|response\.write\s{0,4}\(?\s{0,4}\d{1,12}\s{0,4}[*+]/,
]

/** The page's string ends, and code goes on that imports. */
const breaksOut =
  /^[^'"]{0,40}['"]\s{0,4}[)\]};,+|&-]{1,8}\s{0,4}(?:__import__\s{0,4}\(|require\s{0,4}\(\s{0,4}['"]|process\.(?:exit|kill|env)|os\.(?:system|popen)\s{0,4}\(|eval\s{0,4}\()/

/** How surely a text is a script of the server that an attacker wants run. */
export function scoreOfServerScript(lower: string): number {
  if (!/[([{]|mainmodule|request|core::/.test(lower)) return 0
  return patterns.some((pattern) => pattern.test(lower)) || breaksOut.test(lower) ? 0.85 : 0
}
