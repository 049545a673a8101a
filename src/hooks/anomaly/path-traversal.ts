import type { Detector } from './detector.ts'

/** A step up, between separators of either kind. */
const stepUp = /(?:^|[\\/=])\.{2}(?:[\\/]|$)/

/** What no ordinary path or parameter holds: the end of a C string, overlong dots and slashes. */
const hidden = /\0|\xc0[\xae\xaf]|\xe0\x80\xaf/

/** Paths that climb out of where they belong (CWE-22). */
export const pathTraversal: Detector = ({ text }) => stepUp.test(text) || hidden.test(text)
