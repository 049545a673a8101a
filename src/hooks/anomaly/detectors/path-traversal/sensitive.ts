/**
 * Files that only an attacker asks a service for: those that every machine has and that prove that
 * one can read, and those that hold secrets. Small and closed: not a list of all files.
 */
const unix =
  /(?:^|[^\w-])(?:etc\/{1,8}(?:passwd|shadow|gshadow|master\.passwd|security\/{1,8}passwd|sudoers|issue(?![\w-]))|proc\/{1,8}(?:self|\d{1,7}|thread-self)\/{1,8}(?:environ|cmdline|maps|fd|cwd|root|status|mem|exe|net|mounts)|proc\/{1,8}(?:version|cpuinfo|mounts|meminfo|net|sys)(?!\w)|root\/\.\w|\.ssh\/{1,8}(?:id_|authorized_keys|known_hosts)|\.aws\/{1,8}credentials|\.bash_history|var\/run\/secrets\/)/i

const windows =
  /(?:^|[^\w-])(?:win(?:dows|nt)[\\/]{1,8}(?:system32|win\.ini|system\.ini|repair|panther|system[\\/])|(?:boot|win)\.ini(?!\w)|c\$[\\/]|ntuser\.dat)|%(?:systemroot|windir)%[\\/](?:repair|system32|win\.ini)/i

const applications =
  /(?:^|[^\w-])(?:(?:web|meta)-inf[\\/]|\.git[\\/](?:config|head|index|logs)|\.svn[\\/](?:entries|wc\.db)|\.ht(?:passwd|access)(?!\w)|wp-config\.php)/i

/** No such file without one of these: most words are told by that. */
const near = /[/\\]|\.[ihb]|wp-/i

/** Whether a text names a file that only an attacker asks for; separators may be of either kind. */
export const namesSensitiveFile = (text: string): boolean =>
  near.test(text) && (unix.test(text) || windows.test(text) || applications.test(text))

/** Folders and files of servers that are looked into next. Honest notes name them, too. */
const common =
  /(?:^|\/)(?:etc\/(?:hosts|group|fstab|motd|resolv\.conf|crontab|hostname|mysql|apache2?|httpd|nginx|php|ssh|ssl)(?!\w)|proc\/\w|var\/(?:log|www|lib\/mysql)\/|apache2?\/(?:conf|logs)\/|inetpub\/|xampp\/|\.env$|config\.(?:php|inc)$|web\.config$|php\.ini$|httpd\.conf$|my\.cnf$|id_rsa)/i

/** Those of them that a value has no other reason to be than to try them. */
const tried =
  /^(?:[a-z]:)?\/(?:etc\/\w|proc\/\w|var\/log\/(?:apache2?|httpd|nginx|auth|mail|sshd|vsftpd|exim\d?|messages|secure|syslog|lastlog|[wb]tmp|faillog|pure-ftpd|proftpd|xferlog|mysql|cron)(?!\w))|httpd\.conf$|php\.ini$|web\.config$|(?:^|\/)(?:xampp|inetpub)\/|(?:apache2?|httpd|nginx|lampp|cpanel|www|mgr)\/(?:logs?|conf)\/[\w.-]{1,40}$|\/mysql[\w. ]{0,20}\/(?:data\/[\w.-]{1,24}|my\.(?:cnf|ini))$/i

/** Where servers that are installed by hand have their logs and settings. */
const servers =
  /^(?:[a-z]:)?\/(?:etc|opt|usr\/local|var|home|program ?files[\w ()]{0,8}|apache\w{0,6}|xampp|mysql|logs?)\//i

/** Whether a value that is a path and nothing else is one that attackers try. */
export const isTried = (path: string): boolean =>
  (isCommonTarget(path) || servers.test(path)) && tried.test(path)

/** Whether a path is one that attackers try, and that others have reason to name. */
export const isCommonTarget = (path: string): boolean =>
  /^(?:[a-z]:)?\/|\.\.\//i.test(path) && common.test(path) && !/^[a-z]{3,}:\/\//i.test(path)
