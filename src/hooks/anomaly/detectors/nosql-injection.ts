import type { Detector } from '../view.ts'

export const nosqlInjection: Detector = () => 0
