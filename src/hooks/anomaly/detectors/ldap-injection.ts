import type { Detector } from '../view.ts'

export const ldapInjection: Detector = () => 0
