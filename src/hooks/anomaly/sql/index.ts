import type { Detector } from '../view.ts'

export const sqlInjection: Detector = () => 0
