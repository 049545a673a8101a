import type { Detector } from '../view.ts'

export const xpathInjection: Detector = () => 0
