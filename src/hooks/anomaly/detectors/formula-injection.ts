import type { Detector } from '../view.ts'

export const formulaInjection: Detector = () => 0
