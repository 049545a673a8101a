import type { Detector } from '../view.ts'

export const requestForgery: Detector = () => 0
