import type { Detector } from '../view.ts'

export const pathTraversal: Detector = () => 0
