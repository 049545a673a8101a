import type { Detector } from '../view.ts'

export const lookupInjection: Detector = () => 0
