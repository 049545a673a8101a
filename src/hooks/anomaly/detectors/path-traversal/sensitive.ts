/**
 * Files that only an attacker asks a service for: those that every machine has and that prove that
 * one can read, and those that hold secrets. Small and closed: not a list of all files.
 */
const unix =
  /(?:^|[^\w.-])(?:\/{1,8}|~\/)?(?:etc\/{1,8}(?:passwd|shadow|gshadow|master\.passwd|security\/passwd|sudoers|issue(?![\w-])|crontab|ssh\/sshd?_config)|proc\/(?:self|\d{1,7}|thread-self)\/(?:environ|cmdline|maps|fd|cwd|root|status|mem|exe|net|mounts)|proc\/(?:version|cpuinfo|mounts|net\/)|root\/\.|\.ssh\/(?:id_|authorized_keys|known_hosts)|\.aws\/credentials|\.bash_history|var\/run\/secrets\/)/i

const windows =
  /(?:^|[^\w.-])(?:[a-z]:)?[\\/]{0,8}(?:(?:win(?:dows|nt)[\\/]{1,8}(?:system32|win\.ini|system\.ini|repair|panther|system[\\/]))|boot\.ini(?![\w])|win\.ini(?![\w]))/i

const applications =
  /(?:^|[^\w-])(?:(?:web|meta)-inf[\\/]|\.git[\\/](?:config|head|index|logs)|\.svn[\\/](?:entries|wc\.db)|\.ht(?:passwd|access)(?!\w)|wp-config\.php)/i

/** Whether a text names a file that only an attacker asks for; separators may be of either kind. */
export const namesSensitiveFile = (text: string): boolean =>
  unix.test(text) || windows.test(text) || applications.test(text)
