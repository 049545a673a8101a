import type { Detector } from '../view.ts'

export const commandInjection: Detector = () => 0
