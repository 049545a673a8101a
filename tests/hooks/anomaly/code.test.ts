// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is judged.
import { expect, test } from 'bun:test'
import { codeInjection } from '../../../src/hooks/anomaly/detectors/code-injection.ts'

const score = (text: string, layers = 0): number =>
  codeInjection({ text, lower: text.toLowerCase(), layers, place: 'body' })

const attacks: readonly [what: string, ...texts: string[]][] = [
  [
    'a tag of PHP',
    '<?php echo 1; ?>',
    '<?=`id`?>',
    "<? print('x'); ?>",
    '[php]run();[/php]',
    '<?= 7*7 ?>',
    '{php}run();{/php}',
  ],
  [
    'PHP that hides what it calls, or runs what comes with the request',
    '("sys"."tem")("id")',
    '(system)/**/("id")',
    '$a="sys"."tem";($a)("id")',
    '"system"("id")',
    '(sys.(tem))("id")',
    '"\\x73ystem"("id")',
    "usort($a, 'assert')",
    'eval("?>".$a)',
    '@system("id")',
    "call_user_func('exec', 'id')",
    'eval(base64_decode("eA=="))',
    '$_GET[a]($_GET[b])',
    'assert($_POST["x"])',
  ],
  [
    'the end of a string or a statement, and what goes on',
    "'.phpinfo().'",
    '");system("id");//',
    '{${phpinfo()}}',
    '1);phpinfo();//',
    "' and die(system('id')) or '",
    "'-phpinfo()-'",
    ';print 12345*67890;',
    '";puts 123*456;"',
    "';import time;time.sleep(9);#",
    '");os.execute("id")--',
    ';response.end("x")',
    ';while(1);',
  ],
  [
    'a call that runs something, and nothing else',
    'phpinfo();',
    "system('ls -la')",
    'os.popen("id").read()',
    'Runtime.getRuntime().exec("id")',
    "Kernel.exec('id')",
  ],
  ['a stream of PHP', 'php://input', 'expect://id', 'phar://a.jpg/b', 'data:,<?php run();'],
  [
    'OGNL and Java',
    '%{(#a=@java.lang.Runtime@getRuntime())}',
    '(#_memberAccess["x"]=true)',
    'class.module.classLoader.x=1',
    'java.lang.Runtime.getRuntime().exec("id")',
    'Class.forName("java.lang.Runtime")',
    'T(java.lang.Runtime).getRuntime()',
    'new GroovyShell().evaluate("x")',
    '"id".execute().text',
  ],
  [
    'a script that goes around the modules',
    "process.mainModule.require('fs')",
    "require('child_process').execSync('id')",
    "x.constructor('return process')()",
    "__import__('os').system('id')",
    "'+__import__('os').getcwd()+'",
    '@{[ system "id" ]}',
    'eval(request("x"))',
    '().__class__.__bases__[0].__subclasses__()',
    "getattr(__builtins__, 'x')",
    'a.send(:system, "id")',
    'open("|id").read',
    'System.Diagnostics.Process.Start("x")',
    "require('child_' + 'process')",
  ],
  [
    'a serialized object',
    'O:3:"Foo":1:{s:1:"a";i:1;}',
    'rO0ABXNyAANGb28=',
    '!!python/object/apply:os.system ["id"]',
    '{"a":"_$$ND_FUNC$$_function(){}()"}',
    '{"@type":"com.sun.rowset.JdbcRowSetImpl"}',
    'cos\nsystem\n(S"id"\ntR.',
    'AQAAAP////8BAAAA',
    'TzozOiJGb28iOjA6e30=',
    'gASVFgAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOULg==',
    '<java class="java.beans.XMLDecoder">',
    '{"@class":"org.springframework.context.X"}',
  ],
]

const honest: readonly [what: string, ...texts: string[]][] = [
  [
    'code',
    "const { exec } = require('node:child_process'); exec('ls | wc -l', (error) => {})",
    'await promisify(exec)("ls"); process.exit(1)',
    'Process p = Runtime.getRuntime().exec("ls");',
    "import os; os.system('ls')",
    "echo $_SERVER['HTTP_HOST']; array_map('trim', $parts); if (!$x) { die('no'); }",
    'cursor.execute("SELECT 1"); statement.execute()',
    'my @list = @{$ref}; my ($a) = @{[1]};',
    'self.assertEqual(Foo.__class__.__name__, type(x).__class__); cls.__subclasses__()',
    '<?php\n$app = new App();\n$app->get("/", function ($request) { return $request->uri(); });',
    '<ul><?php foreach ($rows as $row): ?><li><?= $row->title ?></li><?php endforeach ?></ul> <p>A list of the titles, each in an item of its own.</p> <p>And some words more here.</p>',
    '}); process.exit(0)',
  ],
  [
    'a stack trace',
    'at java.lang.Thread.sleep(Native Method) at java.lang.Class.forName(Class.java:264)',
    'at com.opensymphony.xwork2.ActionSupport.execute(ActionSupport.java:8)',
  ],
  [
    'data',
    'a:2:{i:0;s:1:"a";i:1;s:1:"b";}',
    '{"@type":"Person","$type":"call"}',
    '<?xml version="1.0"?><a/> <?xpacket begin="?" id="x"?>',
  ],
  [
    'prose',
    'The system(…) and exec() functions; see "system" (below) and user@exec (sic).',
    '`process.binding()` is internal; so is `process.mainModule.require`.',
    'what? <? is that',
    'Available for **[PHP](./php/readme.md)**',
  ],
]

const repeated = [
  '@{[',
  'system(',
  '("a")',
  '<? a',
  '$_get[',
  '/*',
  "'.",
  'java.lang.',
  'O:1:"a',
  '(#a=',
]

for (const [what, ...texts] of attacks)
  test(`${what} is found`, () => {
    expect(texts.filter((text) => score(text) < 0.5)).toEqual([])
  })

for (const [what, ...texts] of honest)
  test(`${what} passes`, () => {
    expect(texts.filter((text) => score(text) >= 0.5)).toEqual([])
  })

for (const piece of repeated)
  test(`100 KB of ${JSON.stringify(piece)} are judged`, () => {
    expect(score(piece.repeat(102_400 / piece.length))).toBeWithin(0, 1.01)
  })
