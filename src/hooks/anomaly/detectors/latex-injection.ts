import type { Detector } from '../view.ts'

export const latexInjection: Detector = () => 0
