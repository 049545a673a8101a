import { prototypePollution } from '../../../src/hooks/anomaly/detectors/prototype-pollution.ts'
import { detectorSuite } from './detector-suite.ts'

const score = (text: string, layers = 0): number =>
  prototypePollution({ text, lower: text.toLowerCase(), layers, place: 'body' })

const attacks: readonly [what: string, ...texts: string[]][] = [
  [
    "a parameter's name",
    '__proto__',
    '__proto__[a]',
    'a[__proto__][b]',
    'a.__proto__.b',
    'constructor[prototype][a]=1',
    'a[constructor][prototype]',
    '?__proto__.a=b',
    '__pro__proto__to__[a]',
    'constconstructorructor[prototype][a]',
  ],
  [
    'a key of JSON',
    '{"__proto__":{"a":1}}',
    '{"a":{"constructor":{"prototype":{"b":1}}}}',
    '{"__proto__.a":1}',
    '{"__class__":{"__init__":{"__globals__":{"a":1}}}}',
  ],
  ['something written to a prototype', 'x.__proto__.a = 1', 'Object["__proto__"]["a"]="b"'],
]

const honest: readonly [what: string, ...texts: string[]][] = [
  [
    'code that reads or replaces a prototype',
    'const o = { __proto__: null }; a.__proto__ === B.prototype',
    'Foo.prototype.constructor = Foo; Foo.prototype.a = 1',
    'a.constructor === Object',
    'self.__class__.__name__ and cls.__init__',
  ],
  [
    'prose',
    'Accessing Object.prototype.__proto__ is forbidden; the `__proto__` property',
    'constructor',
    'prototype',
    '{"constructor":{"name":"Tata"},"prototype":"X1"}',
  ],
]

const repeated = ['__proto__', '[__proto__]', '.a', '[a]', '"__proto__', 'constructor.prototype.']

detectorSuite((text) => score(text), { attacks, honest, repeated })
