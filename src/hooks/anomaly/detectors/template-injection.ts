import type { Detector } from '../view.ts'

export const templateInjection: Detector = () => 0
