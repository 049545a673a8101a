/** A form that is an attack wherever it stands. */
export interface Form {
  /** What it cannot be without: far quicker to look for. */
  readonly needs: string
  readonly pattern: RegExp
  /** How sure it is. */
  readonly score: number
}

/** Every such form of sh, cmd.exe, PowerShell and of programs that run others (CWE-78, CWE-88). */
export const forms: readonly Form[] = [
  // A shell whose input and output are a connection.
  { needs: '/dev/', pattern: /\/dev\/(?:tcp|udp)\/[\w$.{]/, score: 0.95 },
  {
    needs: 'nc',
    pattern:
      /\bnc(?:at)?(?:\.\w{1,12})?\s[^\n;|&]{0,64}(?<=\s)-[a-z]{0,4}[ec]\s{1,4}\S{0,16}(?:sh|cmd)\b/,
    score: 0.95,
  },
  { needs: ' -i', pattern: /\b(?:ba|z|k)?sh\s{1,4}-i\s{0,4}[<>\d]{0,3}[<>]&/, score: 0.95 },
  { needs: 'mkfifo', pattern: /\bmkfifo\s[^\n]{1,64}\b(?:nc|ncat|openssl|telnet)\s/, score: 0.9 },
  {
    needs: 'socket.socket(',
    pattern: /socket\.socket\([^\n]{0,256}\b(?:dup2|subprocess|pty)\b/,
    score: 0.9,
  },
  {
    needs: 'fsockopen(',
    pattern: /fsockopen\([^\n]{0,128}\b(?:exec|proc_open|system)\(/,
    score: 0.9,
  },
  // Functions smuggled through the environment (CVE-2014-6271), and those that call themselves twice.
  {
    needs: '()',
    pattern: /^\s{0,8}\(\)\s{0,4}\{|\(\)\s{0,4}\{\s{0,4}(?::|_)\s{0,4};\s{0,4}\}\s{0,4};/,
    score: 0.95,
  },
  {
    needs: '()',
    pattern: /(?:^|[\s;])([\w:.]{1,16})\(\)\s{0,4}\{\s{0,4}\1\s{0,4}\|\s{0,4}\1\s{0,4}&/,
    score: 0.95,
  },
  // The blank that no filter sees; sums that prove that a shell has read them.
  { needs: 'IFS', pattern: /[\w}\]]\$(?:IFS|\{IFS[^}\n]{0,16}\})/, score: 0.9 },
  {
    needs: '$((',
    pattern: /\becho\b[^\n]{0,64}\$\(\(\s{0,4}\d{1,9}\s{0,4}[-+*%]\s{0,4}\d{1,9}\s{0,4}\)\)/,
    score: 0.85,
  },
  // A script that nobody can read, for PowerShell.
  {
    needs: ' -',
    pattern:
      /\b(?:powershell|pwsh)(?:\.exe)?\s[^\n;|]{0,96}(?<=\s)-e(?:nc|ncodedcommand)?\s{1,4}[\w+/=]{16}/i,
    score: 0.9,
  },
  {
    needs: 'idden',
    pattern: /\b(?:powershell|pwsh)(?:\.exe)?\s[^\n;|]{0,96}(?<=\s)-w\w{0,10}\s{1,4}hidden\b/i,
    score: 0.8,
  },
  // The first letter of a variable that every shell has is a slash; cmd.exe cuts out letters, too.
  {
    needs: '${',
    pattern:
      /\$\{(?:PATH|HOME|PWD|SHELL|OLDPWD|HISTFILE|BASH\w{0,16}|LS_COLORS)(?::\s?-?\d{1,3}:\d{1,3}|%{1,2}[^}\n]{1,16})\}/,
    score: 0.8,
  },
  {
    needs: ':~',
    pattern: /%(?:comspec|programfiles|windir|path|userprofile|systemroot):~-?\d/i,
    score: 0.8,
  },
  // A text that a shell is given to read, or one that is unwrapped before a shell reads it.
  { needs: '<<<', pattern: /(?:^|[\s;|&(/])(?:ba|z|k|da)?sh(?:\s-\w)?\s?<<</, score: 0.8 },
  {
    needs: 'sh',
    pattern:
      /\b(?:base(?:32|64)|xxd|rev|tr|printf|uudecode)\b[^\n;|&]{0,128}\|\s?(?:\/bin\/)?(?:ba|z|k|da)?sh\s{0,4}(?:$|[;|&\n"'`)#])/,
    score: 0.85,
  },
  // Options of sendmail that write a file, behind the sender of a mail (CVE-2016-10033).
  {
    needs: '@',
    pattern: /^[^\s@]{1,64}@[^\s@]{1,96}\s{1,4}-(?:O\w{4,32}=|X\s?\/|C\s?\/|be\s)/,
    score: 0.85,
  },
  // What SQLite's shell runs, and what SQLite loads.
  { needs: '.s', pattern: /^\s{0,8}\.(?:shell|system)\s{1,4}\w/, score: 0.8 },
  { needs: 'load_extension(', pattern: /\bload_extension\(\s?['"]/, score: 0.7 },
  // Options of find, without find.
  {
    needs: '-exec',
    pattern: /^(?!find\b)(?:[\w./*]{1,64}\s{1,4})?-exec(?:dir)?\s{1,4}[\w/.]{2,64}[\s;{\\]/,
    score: 0.7,
  },
  // Steps to a folder whose path nobody is to see.
  { needs: 'cd ', pattern: /\bcd\s{1,4}\/?\s{0,4}[;&]{1,2}\s{0,4}cd\s/, score: 0.7 },
  // Whatever shell this is.
  { needs: '$', pattern: /(?:\||^[;&])\s{0,4}\$\{?(?:0|SHELL)\b/, score: 0.8 },
  { needs: '%', pattern: /^[\s"']{0,4}[;|&]{0,2}\s{0,4}%comspec%(?:$|\s{1,4}\/)/i, score: 0.7 },
  // A loop or a condition that begins behind a separator.
  {
    needs: 'o',
    pattern: /^[\w.-]{0,64}['")]?[;&|\n]\s?(?:while|until|for)\s[^\n;]{1,64};\s?do\s/,
    score: 0.8,
  },
  {
    needs: 'then',
    pattern: /^[\w.-]{0,64}['")]?[;&|\n]\s?if\s[^\n;]{1,128};\s?then\s/,
    score: 0.8,
  },
  {
    needs: '()',
    pattern:
      /^[\w.-]{0,64}['")]?[;&|\n]\s?(?:function\s)?(\w{1,16})\s?\(\)\s?\{[^\n}]{1,128}\};\s?\1$/,
    score: 0.8,
  },
  // A command line of several commands, handed to a function that runs it.
  {
    needs: '(',
    pattern:
      /(?<![.\w])(?:system|passthru|shell_exec|popen)\(\s?["'][^"'\n]{1,96}[;|&]\s{0,4}[a-z/]/,
    score: 0.7,
  },
  // A command within a command, a connection by a variable, and what one is, handed to a shell.
  { needs: '$(`', pattern: /\$\(\s{0,4}`\s{0,4}[a-z]/, score: 0.8 },
  { needs: '/tcp/', pattern: /[<>&]\s?\$?\{?\w{0,16}\}?\/tcp\/[\d.$]/, score: 0.9 },
  {
    needs: 'sh',
    pattern:
      /(?:^|[\s<])(?:whoami|ifconfig|ipconfig|uname|hostname|id)(?:\s-\w{1,4})?\s{0,4}\|\s?(?:\/bin\/)?(?:ba|z|k|da)?sh\s{0,4}$/,
    score: 0.7,
  },
  // Substitutions and functions that come to nothing, or never end.
  { needs: '$()', pattern: /\$\([\w(]{0,24}\s?\$\(\)/, score: 0.8 },
  {
    needs: '()',
    pattern: /^\s{0,4}(\w{1,16})\(\)\s?\{\s?\1\s?(?:\(\)\s?)?[&|]\s?\1\b/,
    score: 0.9,
  },
  {
    needs: '<<<',
    pattern: /^cat\s?<<<\s?['"]?\w[^|\n]{0,64}\|\s?(?:ba|z|k|da)?sh\b/,
    score: 0.8,
  },
  // Conditions and loops of cmd.exe.
  {
    needs: 'i',
    pattern:
      /^if\s{0,12}(?:\/i\s{1,12})?(?:not\s{1,12})?(?:(?:defined\s{1,12}\w{1,32}|exist\s{1,12}["(]?[\w.:\\/]{1,64}[")]?)\s{1,12}["@(]{0,2}(?:echo|goto|set|call|cmd|exit|if)\b|[("[{]?[\w %!]{1,24}[")\]}]?\s{0,12}(?:equ|neq|lss|leq|gtr|geq)\s|["'([{][\w %!]{0,24}["')\]}]\s{0,4}==\s{0,4}["'([{])/i,
    score: 0.6,
  },
  {
    needs: '/i ',
    pattern: /^if\s{0,12}\/i\s{1,12}(?:not\s{1,12})?\S{1,24}\s?==\s?\S/i,
    score: 0.6,
  },
  {
    needs: '%',
    pattern:
      /^\s{0,8}if\s{1,16}(?:\/i\s{1,8})?(?:not\s{1,8})?["[(]?x?%{1,2}[~\w]{1,24}%?[\])"]?\s{0,8}(?:==|(?:equ|neq|lss|leq|gtr|geq)\b)/i,
    score: 0.6,
  },
  {
    needs: '%',
    pattern: /\bfor\s{1,4}(?:\/[fdlr]\s{1,4}[^\n%]{0,64})?%{1,2}\S{1,24}\s{1,4}in\s{0,4}\(/i,
    score: 0.7,
  },
]
