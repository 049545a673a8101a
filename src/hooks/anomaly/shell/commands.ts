/** The names of commands, by how much they mean where a command may stand. */

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Names that are no words of a language: of Unix, of its shells, of SQLite's, of Windows. */
const technical = words(`
  adduser ansible apk apt-get arp awk base32 base64 bash busybox bzip2 c89 c99 cc chgrp chmod chown
  chroot cp cpulimit crontab csh curl dd df dig dmesg docker du egrep env expr fgrep ftp g++ gawk gcc gdb
  getent gpg grep groupadd gunzip gzip hexdump iconv id ifconfig iptables jq killall ksh kubectl
  lastlog ldconfig lftp ln ls lsof ltrace lua lwp-download lynx mkdir mkfifo mknod mv mysql
  mysqldump nano nawk nc ncat netcat netstat nl nmap nohup nslookup od openssl pgrep php pip pip3
  pkill printenv printf ps psql pwd python python2 python3 readelf rev rm rmdir rmt rsync scp sed
  setsid sftp sh showmount socat sqlite3 ssh ssh-copy-id ssh-keygen strace stty su sudo sysctl
  systemctl tac tar tclsh tcpdump tcsh tee telnet tftp traceroute tr ulimit uname unzip uptime
  useradd userdel usermod vi vim wc wget whoami whois xargs xxd yum zsh
  .archive .backup .databases .dump .excel .import .load .log .once .open .output .read .restore .save
  .schema .sh .shell .system .tables 7z aptitude aria2c ash bpftrace busctl bzcat capsh certbot chfn chsh cpan cpio dhclient dmidecode
  dmsetup dpkg exiftool fping fuser gcore genisoimage gtester hping3 insmod iodine ionice iotop irb
  jjs joe journalctl jrunscript julia kmod ldapsearch ldd loginctl logger logname lscpu lsblk lsmod
  lspci lsusb lwp-request mawk masscan mknod mpstat mtr nc.openbsd nc.traditional nft nping nsenter
  ntpdate octave openvpn openvt pacman pdksh pftp pico pidstat pkexec pmap proxychains psftp pwdx
  pidof rcp redis-cli rlogin rpm rsh rview rvim sash smbclient ss sshpass stdbuf tailf tcpflow tclsh
  tftp timedatectl tmux tshark ufw unrar unxz unzstd uudecode uuencode vigr vipw virsh vmstat w3m
  wish xmodmap xterm xz zcat zgrep zip zless zypper
  attrib bcdboot bcdedit bitsadmin cacls certutil cmd cscript diskpart findstr forfiles icacls iex
  ipconfig sysinfo irm iwr msbuild mshta msiexec netsh nltest powershell pwsh reg regedit regsvr32 robocopy
  rundll32 schtasks systeminfo taskkill tasklist tracert vssadmin wmic wscript xcopy
`)

/** Names that are words too: what follows has to show what is meant. */
const common = words(`
  alias at cat cd chattr column comm cut dash date diff dir echo ed emacs eval ex exec expand export
  file find finger fish fold free groups halt head history host hostname init install ip join kill last less
  link ln look mail make man more mount nice node open paste patch perl ping poweroff read reboot route ruby screen
  script service set shutdown sleep sort source split strings tail test time timeout top touch tree type
  unlink users view w wait wall watch which who write
  call copy del erase md move net path rd ren sc start ver vol
`)

/** Commands that are worth running by themselves, to see what one has got into. */
const telling = words(`
  date df dir env halt hostname history id ifconfig ipconfig last lastlog ls lsof netstat poweroff printenv ps pwd reboot
  set shutdown sysinfo systeminfo tasklist top uname uptime users ver w who whoami
`)

/** Those of them that mean nothing else. */
const plainlyTelling = words(
  'ifconfig ipconfig lastlog netstat printenv sysinfo systeminfo tasklist whoami',
)

/** Commands that take a bare number. */
const counting = words('sleep ping timeout kill echo seq init')

/** How much a name tells: that of a command, that of a command or a word, or nothing. */
export type Meaning = 'command' | 'word' | undefined

/** The name of a program without its folder and the `.exe` of Windows. */
function bareName(word: string): string {
  if (!marked.test(word)) return word.toLowerCase()
  return word
    .slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1)
    .toLowerCase()
    .replace(/\.(?:exe|com|bat|cmd)$/, '')
}

/** What parts a name from its folder, its ending or its version. */
const marked = /[/\\.\d-]/

/** Cmdlets of PowerShell: a verb, a hyphen, a noun. */
const cmdlet = /^(?:get|set|new|invoke|start|stop|remove|copy|move|add|out|write)-[a-z]{3,24}$/i

/** Whether a word of letters, in lower case, is the name of a command. */
export const isCommandWord = (word: string): boolean => technical.has(word) || common.has(word)

/** What a word means where a command may stand. */
export function meaningOf(word: string): Meaning {
  if (word.length > 64 || !/^[\w.:/\\~+-]+$/.test(word)) return undefined
  const name = bareName(word)
  const folder = word.length > name.length && /bin[/\\]/i.test(word)
  if (folder && /^[\w.+-]+$/.test(name)) return 'command'
  if (technical.has(name)) return 'command'
  if (!marked.test(word)) return common.has(name) ? 'word' : undefined
  if (cmdlet.test(name)) return 'command'
  const family = name.replace(/\d[\d.]*$|-[\w-]+$/, '')
  if (common.has(name)) return name.length < word.length ? 'command' : 'word'
  return family !== name && family.length > 2 && technical.has(family) ? 'command' : undefined
}

/** Whether a command is worth running without arguments, and how plainly. */
export function isTelling(word: string, plainly: boolean): boolean {
  const name = bareName(word)
  return plainlyTelling.has(name) || (!plainly && (telling.has(name) || word.includes('bin/')))
}

/** Programs that read what a pipe gives them, and write it. */
const filters = words(`
  awk column cut egrep fgrep fold gawk grep head jq less more nl paste rev sed sort tac tail tr uniq
  wc xargs
`)

/** Whether a program is at home behind a pipe. */
export const isFilter = (word: string): boolean => filters.has(bareName(word))

/** Whether a bare number is an argument of a command. */
export const takesNumber = (word: string): boolean => counting.has(bareName(word))

/** Whether a program reads commands: a shell. */
export const isShell = (word: string): boolean =>
  /^(?:(?:ba|z|k|c|tc|da)?sh|cmd|powershell|pwsh)$/.test(bareName(word))
