/**
 * Tools that look for weaknesses, as they name themselves in their User-Agent (`sqlmap/1.8`). Who
 * hides the name is told by behaviour; who does not is told at the first request.
 */
const scanner =
  /\b(?:sqlmap|nikto|nuclei|wpscan|masscan|zgrab|gobuster|ffuf|dirbuster|dirsearch|feroxbuster|wfuzz|commix|xsstrike|w3af|arachni|acunetix|nessus|openvas|netsparker|whatweb|jaeles|fimap|havij|zaproxy|nmap scripting engine)(?:\/v?\d|;|$| - )/i

/** Whether a User-Agent is that of a tool which looks for weaknesses. */
export const isScanner = (userAgent: string): boolean =>
  userAgent.length <= 512 && scanner.test(userAgent)
