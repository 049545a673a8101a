import { latexInjection } from '../../../src/hooks/anomaly/detectors/latex-injection.ts'
import { detectorSuite } from './detector-suite.ts'

const score = (text: string, layers = 0): number =>
  latexInjection({ text, lower: text.toLowerCase(), layers, place: 'body' })

const attacks: readonly [what: string, ...texts: string[]][] = [
  [
    'a file from elsewhere',
    '\\input{/etc/hosts}',
    '\\include{../../a}',
    '\\lstinputlisting[language=c]{/x}',
    '\\verbatiminput{/x}',
    '\\openin\\f=/x',
    '\\let\\x=\\input \\x{/x}',
    '\\RequirePackage{/x}',
  ],
  [
    'a command',
    '\\write18{id}',
    '\\immediate\\write18{id}',
    '\\input|id',
    '\\input{|"id"}',
    '\\directlua{os.execute("id")}',
  ],
  ['a link that runs', '\\href{javascript:run()}{x}'],
  ['a command made of characters by number', '\\^^69nput{x}', '\\csname input\\endcsname{x}'],
]

const honest: readonly [what: string, ...texts: string[]][] = [
  [
    'a formula or a document',
    '$\\frac{a}{b} \\leq \\sum_{i=1}^{n} x_i$',
    '\\begin{document}\\input{chapters/intro}\\include{part1}\\end{document}',
    '\\href{https://example.com}{x} \\includegraphics[width=5cm]{fig.png} \\usepackage{amsmath}',
  ],
  ['a path', 'C:\\input\\a.txt and \\\\server\\include\\b'],
]

const repeated = ['\\', '\\input{', '\\input[', '\\begin{', '^^5c', '\\immediate ']

detectorSuite((text) => score(text), { attacks, honest, repeated })
