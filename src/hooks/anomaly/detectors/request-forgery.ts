import type { Detector } from '../view.ts'
import { judgeHost } from './request-forgery/hosts.ts'

/** No address without one of these. */
const hasJoint = (text: string): boolean =>
  (text.includes(':') && /:[/\\[\d]/.test(text)) ||
  text.includes('//') ||
  text.includes('.internal') ||
  text.includes('169.254') ||
  /^\s{0,8}\\\\/.test(text)

/** Protocols and wrappers that only serve to have a service read or say something (CWE-918). */
const abused =
  /^(?:gopher|dict|netdoc|expect|phar|jar|zip|glob|ogg|rar|ssh2[.\w]{0,8}|compress\.\w{2,6}|php|(?:http\+)?unix|npipe|local[_-]file|url|feed|view-source):/i

/** Protocols that no customer of a service on the web names, with nothing behind but their lines. */
const foreign =
  /^(?:ldaps?|tftp|rmi|iiop|smb|telnet|imaps?|smtps?|pop3s?|sftp(?=:\/\/[^/\s]{1,200}:\d)):\/\/[\w.-]{1,200}(?::\d{1,5})?(?:\/[^\s?=]{0,200})?(?:$|[\r\n])/i

/** A host that is written with backslashes, a socket of the machine, a second host behind a blank. */
const literal =
  /^[a-z]{2,8}:\/\/(?:[^/@]{0,64}@)?(?:unix:|\\{1,2}[a-z\d]\\|[^/\s]{1,64}\s&@\S{1,64}:\d)/i

/** The beginning of an address; of the web's, browsers forgive the slashes. */
const scheme = /^(?:(?:https?|ftp):[/\\]{0,8}|[a-z][a-z\d+.-]{1,24}:(?:\/\/|\\\\)|[/\\]{2})/i

/** Where clouds tell machines their secrets, and payloads for gopher: no sentence needs the whole. */
const telling =
  /https?:\/\/(?:169\.254\.169\.254|metadata\.google\.internal)\/(?:latest|metadata|computemetadata|openstack)\/\w|gopher:\/\/[^\s/]{1,128}\/_|php:\/\/filter\/\S{0,128}resource=/i

/** The same without a protocol, as the whole value. */
const bare = /^(?:[\w-]{1,63}\.){1,8}internal(?:[:/]\S{0,512})?$|^169\.254\.169\.254[:/]\S{0,512}$/i

/** Words behind an address, where their blanks are still encoded. */
const sentence = /^[^?\s]{0,512}(?:%20|\+)[a-z]{1,24}(?:%20|\+)[a-z]/i

/** Digits and letters in circles, where a name of a host should be. */
const enclosed = /^[a-z][a-z\d+.-]{0,24}:\/\/[^/\s]{0,128}[\u2460-\u24ff]/i

/**
 * Finds addresses that have a service ask its own network, or itself, on somebody's behalf (CWE-918).
 * The value has to be the address: a sentence may speak of `http://localhost:3000`.
 */
export const requestForgery: Detector = ({ text }) => {
  if (!hasJoint(text)) return 0
  const value = text.trim()
  if (value.length < 2048 && scheme.test(value) && !/^\/\/.*\s/s.test(value))
    return judgeAddress(value)
  if (value.length < 2048 && (abused.test(value) || bare.test(value)) && !/\s/.test(value))
    return 0.8
  return telling.test(text) ? 0.7 : 0
}

function judgeAddress(value: string): number {
  if (abused.test(value) || enclosed.test(value)) return 0.8
  if (foreign.test(value) || literal.test(value)) return 0.6
  const rest = value.slice(scheme.exec(value)?.[0].length)
  const end = rest.search(/[/?]/)
  const authority = end < 0 ? rest : rest.slice(0, end)
  // Blanks are for confusing readers of the host: behind it, they are a sentence's.
  if (sentence.test(value)) return telling.test(value) ? 0.7 : 0
  if (/\s/.test(value) && (/\s/.test(rest.slice(end)) || !authority.includes('@')))
    return telling.test(value) ? 0.7 : 0
  let score = isLabel(value, authority) ? 0.6 : 0
  for (const host of hostsOf(authority)) score = Math.max(score, judgeHost(host))
  return Math.max(score, telling.test(value) ? 0.8 : 0)
}

/** A name without a dot is one of a network within (RFC 7085 advises against all others). */
const isLabel = (value: string, authority: string): boolean =>
  /^https?:\/\/[a-z][\w-]{0,62}(?::\d{1,5})?$/i.test(
    value.slice(0, value.indexOf(authority) + authority.length),
  )

/** What different readers take for the host, where there are names, and signs that part them. */
function hostsOf(authority: string): readonly string[] {
  const parts = authority.includes('@')
    ? authority.split(/[@#&\\\s]+/, 8)
    : authority.split(/[#\\]/, 1)
  return parts.map((part) =>
    part.startsWith('[') ? part.slice(0, part.indexOf(']') + 1) : part.replace(/:.*$/, ''),
  )
}
