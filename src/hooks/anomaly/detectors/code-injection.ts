import type { Detector } from '../view.ts'

export const codeInjection: Detector = () => 0
