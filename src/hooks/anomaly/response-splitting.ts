import type { Detector } from './detector.ts'

/** A line break followed by what would read as a header field. */
const injectedField = /[\r\n]+[A-Za-z-]{1,40}:/

/** Line breaks in a URL that would begin a header of their own (CWE-113). */
export const responseSplitting: Detector = ({ text }) => injectedField.test(text)
