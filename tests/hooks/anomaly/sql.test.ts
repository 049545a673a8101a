import { expect, test } from 'bun:test'
import { sqlInjection } from '../../../src/hooks/anomaly/sql/index.ts'

const scoreOf = (text: string): number =>
  sqlInjection({ text, lower: text.toLowerCase(), layers: 0, place: 'body' })

const attacks: Readonly<Record<string, readonly string[]>> = {
  'a condition that always holds': [
    "x' or 7=7 -- ",
    "kiran' OR 'b'='b",
    '5" or "q"="q',
    "'or''='",
    '3) or (8=8',
    "Asha Rao') or ('k'='k",
    "12' || 4=4#",
    '12 && 3=3',
    "9' and 6 between 5 and 7 and 'a'='a",
    "9' or 'ab' like 'a%'-- -",
    '8 or not 4=5 or 2=2',
    "8' or 0x41=0x41#",
    '` or 6=6#',
  ],
  'a condition on the data': [
    "u' or email is not null--",
    "u' or name like '%b%",
    "u' and substr(secret,1,1)='k",
    '5 and length(database())>3',
    "5' and ascii(mid(user(),2,1))<99#",
    '4 and (select count(*) from staff)>0',
    "4' and exists(select 1 from staff)--",
    "zed'/phone--",
    "zed' collate nocase--",
  ],
  'a comment that cuts the rest off': [
    ...["root'--", "root' #", "root'/*", "root')-- -", '3;--', "Asha Rao'--", "root'-- x"],
    ...["root'\0", "root';\0", "root' or 2;\0", "root' --sp_password"],
  ],
  'a union': [
    '-4 union select 1,2,3',
    "q' UNION ALL SELECT null,null--",
    '6) union(select(1),version())#',
    "6'/**/union/**/select/**/pin,2#",
    '6 /*!50000union*/ /*!50000select*/ 1',
    "6'\tunion%0b\nselect 1".replace('%0b', '\v'),
    '6e0union select 2',
    '6 union#c\nselect#d\n1',
    '-3 union select pin from cards limit 2,1',
    'lamp where 5=6 union select version()',
    "6' ununionion seselectlect 1,2--",
  ],
  'another statement': [
    "b'; drop table calls--",
    '5; update staff set pin=1',
    "b'); insert into staff(a) values ('c')--",
    "b'; exec master..xp_cmdshell 'dir'--",
    "b';declare @k varchar(9);set @k=0x41;exec(@k)--",
    '5;select pg_sleep(9)',
    "b' waitfor delay '0:0:9'--",
    "b'; shutdown --",
    "b'; copy t from program 'id'--",
  ],
  'a clause that tells by its errors': [
    "b' order by 12-- -",
    '7 order by 3',
    "b' group by c having 2=2--",
    "b' having 1=1#",
    '7 procedure analyse(extractvalue(1,concat(0x3a,version())),1)',
    "b' into outfile '/srv/a.txt'#",
    '1 limit 1,1 into @a,@b',
  ],
  'a call that waits or tells by its errors': [
    '4 and sleep(6)',
    "4' rlike sleep(6)#",
    "4'+(select 2 where 3=3 and sleep(6))+'",
    "4'||dbms_pipe.receive_message(chr(98),6)||'",
    "4' and updatexml(1,concat(0x2e,version()),1) and 'p'='p",
    '4,(select case when (3=3) then 1 else 1/(select 0) end)',
    '(select 1 from generate_series(1,9000000))',
    'if(3=3,sleep(6),0)',
    "0'xor(if(now()=sysdate(),sleep(6),0))xor'z",
    '7 or exp(~(select * from (select user())a))',
  ],
  'a statement that reaches out of the database': [
    'select sleep(6)',
    "EXEC xp_cmdshell 'dir c:'",
    "select load_file('/etc/hostname')",
    "waitfor delay '0:0:9'",
  ],
  'what is calculated or joined between two strings': [
    ..."'+3+' '*2*' lamp'||'shade 5'-'3 5'&'4 '=''=' 'or(3)or' aa'^3!='pi()".split(' '),
    ..."' or 3 or '|' or '' '|5' & '4".split('|'),
  ],
  'a clause that only changes how rows are read': [
    "b' for update--",
    "b' lock in share mode#",
    "b' allow filtering; --",
    "b' fetch first 3 rows only--",
    "b' limit 3 offset 4--",
    "b' on duplicate key update pin='4",
    'where 3=3 and 4=5',
  ],
  'a statement without a semicolon before it': [
    "b' select pin from staff--",
    "b' insert into staff(a) values(3)--",
    'b\'" HAVING \'"3"\'=\'"3"\'',
  ],
  'what is broken on purpose': [
    '3 <@<@ or 4=4 -- 5',
    '3 or $+<\\ union select 4,@@version -- 5',
    "3' %!<@ union select 4,version() -- 5",
    '3 %$ 4 union select null,null -- 5',
    '3 or 4#"( union select version() -- 5',
    'lamp)); if((7=8),select 7,drop function a);# and ((4=4',
    '3\r\n/1/**/union/**/all',
    '3]-(select 0 where 4=4 and 5=6)|[3',
    "b' or 4=4 {",
    "b'' ); drop table staff; --",
    '3 uni/**/on sel/**/ect 4,5',
    '3+UNION ALL+SELECT+4,5',
    '--4 union select 5,6',
    "3' (select k where 4=4 and 5>=convert(int,(select char(9) char(8)))) '",
    'pin=3 union select 4,5',
    "lamp 'or 4=4--",
    "b' and {a 3}=3 or 'c'='c",
    "3' or 1.e(2)=1.e(2)--",
    "3' or _utf8'a'='a",
    "b' or pin=pin or '",
  ],
  'a parameter of a URL, or a segment of a path': [
    '/list?page=2&id=3 union select 1,2',
    '?id=3 or 8=8',
    '/items/3 or 8=8/pictures',
    "3'+or+'c'='c",
    "3\\' or \\'c\\'=\\'c",
  ],
}

for (const [what, texts] of Object.entries(attacks))
  test(`sqlInjection() finds ${what}`, () => {
    expect(texts.filter((text) => scoreOf(text) < 0.5)).toEqual([])
  })

const honest: Readonly<Record<string, readonly string[]>> = {
  'names, measures and searches': [
    "O'Brien",
    "D'Souza and D'Mello",
    "the boys' and girls' rooms",
    "rock 'n' roll and 1 = one",
    `a desk of 4' x 6' or 5'`,
    `screen 27" or 32" - black`,
    `14" -case -pink`,
    '"RED LAMP" AND "BRASS"',
    '"NEVER SAY`',
    '20.00 AND UNDER',
    '7 OR LESS',
    '1960 or 1970',
    'union select committee of 1990',
    'credit union, select a branch',
    'order by 5pm',
  ],
  'English that has the words of SQL': [
    "I'd like to order by phone; select a plan and update my group",
    "She wrote 'yes' or 'no' in the table and then 'null' in the key",
    "Is it 'and' or 'or' in clause 7? If 1=yes then 2=no",
    "the users' update is 'free' -- or so they say",
    "the 'and' sign, the ';' sign and the '--' sign",
    "She's in; 'as is' or 'like new' & more, it's fine",
    'as is, where is; offset by 3',
    'Having said that, 5 > 3 and 1 < 2, so all is "OK" # not urgent',
    'drop the table at 5; update me',
    "It's at 5 or 6 o'clock; call back -- thanks",
    "Either select from the list or insert a 'new' one (it's the same)",
    'The like operator: "a like b", not "a = b"',
  ],
  'SQL that is spoken of, or shown whole': [
    "SELECT name FROM calls WHERE status = 'busy' AND retries < 4 ORDER BY 1",
    'SELECT a FROM t UNION ALL SELECT b FROM u;',
    "update calls set note = 'it''s done' where id = 4",
    'The query `SELECT * FROM t WHERE a = 1 OR b = 2` is slow',
    "Why does WHERE x = 'a' OR y = 'b' not use an index?",
    'DROP TABLE old_calls;',
    'a UNION of two SELECT statements, then ORDER BY',
    'create index on calls (status); -- makes it fast',
    '"SELECT * FROM calls" is what it says',
    "WHERE 1=1 AND status = 'busy'",
  ],
  'code with quotes': [
    `if (a === 'x' || b === "y") { return c['d'] }`,
    `const line = first + ' - ' + last + ", " + rest`,
    `print('-' * 20); print("=" * 20)`,
    `items.join(' or ')`,
    `node --inspect 'a.js' --flag="x"`,
    `{"a":"or","b":["and","=","<"],"c":"it's"}`,
    `x = 5; if (x > 3) { y = 1 }`,
    'and len(items) == 0',
    '@_ == 1 || @_ == 2 or croak "usage"',
    `time.sleep(5)  # wait`,
    `exec('x = 5')`,
    `if (sys.platform == 'win32') and (ext != '.exe'):`,
    `'and', 'or', 'having',`,
    "'+'        # 0x002b, a plus",
    `console.time('a'); sleep(1000)`,
    `b'', b'\\xff', b''] == 'x'`,
    'SELECT-free: `- a` and `|| b`',
    `<a href="/x?a=1&b=2" title='it'>and</a>`,
    `10.0.0.1 - - [1/Jan/2026] "GET /a?b=1 HTTP/1.1" 200 "-" "Mozilla/5.0 (X11)"`,
  ],
}

for (const [what, texts] of Object.entries(honest))
  test(`sqlInjection() lets ${what} pass`, () => {
    expect(texts.filter((text) => scoreOf(text) >= 0.5)).toEqual([])
  })

test('sqlInjection() reads long texts of anything troublesome to the end', () => {
  const pieces = [
    "'",
    "' or ",
    '(',
    ')',
    '1,',
    ';',
    '/*',
    "'--\n",
    '#\n',
    '\\',
    '`',
    '@',
    '- ',
    '!',
  ]
  const more = ["' or 'a'='a", 'case when 1 then ', "'||", '+', '&a=', 'a.b.', 'not ', "' union ("]
  const most = ['select ', "'in (", "a'b", '0x', '1e', '*/', 'ununionion', '--', "x'", '?a=1&']
  for (const piece of [...pieces, ...more, ...most])
    for (const head of ['', "' or ", '1 ', '1;x '])
      expect(scoreOf(head + piece.repeat(100_000 / piece.length))).toBeLessThanOrEqual(1)
})
