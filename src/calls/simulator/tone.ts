/** What a simulated recording sounds like: a second of a quiet tone, 8 kHz, 8 bit, mono (WAV). */
export function tone(): Uint8Array {
  const rate = 8000
  const bytes = new Uint8Array(44 + rate)
  const view = new DataView(bytes.buffer)
  const text = (offset: number, word: string) => bytes.set(new TextEncoder().encode(word), offset)
  text(0, 'RIFF')
  view.setUint32(4, 36 + rate, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate, true)
  view.setUint16(32, 1, true)
  view.setUint16(34, 8, true)
  text(36, 'data')
  view.setUint32(40, rate, true)
  for (let sample = 0; sample < rate; sample += 1)
    bytes[44 + sample] = 128 + Math.round(32 * Math.sin((2 * Math.PI * 440 * sample) / rate))
  return bytes
}
