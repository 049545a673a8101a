// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is judged.
import { templateInjection } from '../../../src/hooks/anomaly/detectors/template-injection.ts'
import { detectorSuite } from './detector-suite.ts'

const score = (text: string, layers = 0): number =>
  templateInjection({ text, lower: text.toLowerCase(), layers, place: 'body' })

const attacks: readonly [what: string, ...texts: string[]][] = [
  ['a condition that always holds', '{% if true %}a{% endif %}', '{% if 1 %}a{% endif %}'],
  [
    'a sum that shows whether it is run',
    '{{8*8}}',
    "{{8*'8'}}",
    '${8*8}',
    '#{ 8 * 8 }',
    '*{8*8}',
    '<%= 8*8 %>',
    '@(8*8)',
    '${{8*8}}',
    '{{64/8}}',
    '{{9-2}}',
    '{{8**8|safe}}',
    '{% if 8*8 == 64 %}a{% endif %}',
    '#set($a=8*8)$a',
    '[%= 8*8 %]',
    '{8*8}',
    '{{"a"~"b"}}',
    '${"a".concat("b")}',
    '{{ print "a" }}',
  ],
  ['a probe for several engines', '${{<%[%x', 'a{{<%b'],
  [
    'Python that climbs to classes and modules',
    "{{ ''.__class__.__mro__ }}",
    "{{ x|attr('y') }}",
    '{% import os %}',
    '${os.popen("id").read()}',
    '{{ config.items() }}',
    '{{config}}',
    '{% from "os" import system %}',
    "{{request['__cl'+'ass__']}}",
    '<%! import os %>',
    '{{ handler.application.settings }}',
  ],
  [
    'Java by reflection',
    '${x.getClass().forName("java.lang.Runtime")}',
    '*{T(java.lang.System).exit(1)}',
    '<#assign x="freemarker.template.utility.Execute"?new()>',
    '#set($c = $x.class.forName("a"))',
    '${request.setAttribute("a", 1)}',
    '$x.getClass()',
    '${.data_model}',
    '${"".class}',
    '${"id".execute().text}',
    '${new File("/x").text}',
    '#{systemProperties}',
  ],
  [
    'JavaScript out of its sandbox',
    "{{constructor.constructor('run()')()}}",
    "{{a='constructor';a}}",
    '#{root.process.mainModule}',
    '{{{constructor}}}',
    '{{#with a.constructor}}b{{/with}}',
    '<%= require("fs") %>',
    "<%= global.process.mainModule.require('child_process') %>",
  ],
  [
    'PHP functions',
    "{{['id']|map('system')}}",
    '{{_self.env.getFilter("id")}}',
    "{system('id')}",
    '{$smarty.version}',
    "{!! passthru('id') !!}",
    '{"id"|system}',
    '{include file="string:{8*8}"}',
    "{{['id']|map(x => x|passthru)}}",
  ],
  [
    'commands and files of Ruby, Elixir, .NET and Go',
    '<%= `id` %>',
    "<%= File.read('/x') %>",
    '<%= System.shell("id") %>',
    '@System.Diagnostics.Process.Start("x")',
    '{{ .System "id" }}',
    '{{ .Exec "id" }}',
    '<%= :os.cmd("id") %>',
    '[% PERL %]run();[% END %]',
  ],
]

const honest: readonly [what: string, ...texts: string[]][] = [
  [
    'markup that shows a value',
    'Hello {{ name }}, ${name}, #{name}, <%= user.name %>',
    '{% for x in items %}{{ x.name|upper }}{% endfor %}{% include "head.html" %}',
    '{{#each items}}{{this.name}}{{/each}} {{> footer}} {{ "KEY" | translate }}',
    '<%= link_to "Home", root_path %> <% if admin? %>x<% end %> <%= File.basename(path) %>',
    "{{ url_for('static', filename='a.css') }} {{ request.path }} {{ config.title }}",
    '{{ .Values.image.tag | default "1" }} {{- include "labels" . | nindent 4 }}',
    'os: ${{ matrix.os }}, token: ${{ secrets.TOKEN }}',
    '#set($x = 5) #if($user) $user.name #end',
    '{{ _self.input("a") }} {{ `logo.svg` | relURL }} {{ "Hello, %s".format(name) }}',
    '<#if user??>${user.name}</#if> [% INCLUDE header %]',
  ],
  [
    'a script with template literals',
    'console.log(`${process.getegid()} of ${require("os").hostname()}, ${1 + 2 * 3}`)',
    "const line = `${'='.repeat(40)}`; const n = `${6*7}`",
  ],
  [
    'other text with braces',
    'echo "${VAR:-x} ${#list[@]} $((7*7))"',
    '*{margin:0} a{b:c} #{$i * 2}px',
    '{{2024-05-01}} {{ 05-06 }} {count, plural, one {# call} other {# calls}}',
    '\\frac{7*7}{2}',
    "return '<%s %d>' % (self.__class__.__name__, 1)",
  ],
]

const repeated = ['{{', '${', '#{x', '<%', '{%', '*{', '@(', '<#', '#set(', '`${', '{{a}}', '{{ 1*']

detectorSuite((text) => score(text), { attacks, honest, repeated })
