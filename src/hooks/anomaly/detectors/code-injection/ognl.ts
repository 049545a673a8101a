import { hasAny, type Sign } from '../../places.ts'

/** OGNL reaches classes and statics by `@`, and its own guards by `#`. */
const marks: readonly Sign[] = [
  ['_memberaccess', /_memberaccess\b/y],
  ['xwork', /xwork\.methodaccessor|(?<=['"]com\.opensymphony\.)xwork2/y],
  ['#context', /(?<![\w/])#context\s{0,4}[.[]/y],
  ['(#', /\(#[a-z_]\w{0,12}\s{0,4}=\s{0,4}[@('"#n]/y],
  [
    '@',
    /@(?:ognl\.ognlcontext|java\.(?:lang|util|io)\.[\w.]{1,60}@|org\.apache\.struts2\.|com\.opensymphony\.xwork2|asttest\b|grabconfig\b|groovy\.transform\.asttest)/y,
  ],
]

/** How surely a text is an expression of OGNL that an attacker wants run. */
export const scoreOfOgnl = (lower: string): number => (hasAny(lower, marks) ? 0.9 : 0)
