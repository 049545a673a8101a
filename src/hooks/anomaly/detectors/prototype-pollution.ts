import type { Detector } from '../view.ts'

export const prototypePollution: Detector = () => 0
