import type { Detector } from '../view.ts'

export const headerInjection: Detector = () => 0
