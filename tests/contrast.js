// The visible texts within a selector whose contrast is below WCAG 2.1's AA: 4.5, or 3 for large letters. A line each.
(within) => {
  const pixel = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })
  const rgba = (colour) => {
    pixel.clearRect(0, 0, 1, 1)
    pixel.fillStyle = colour
    pixel.fillRect(0, 0, 1, 1)
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data
    return [r, g, b, a / 255]
  }
  const over = (above, below) => {
    const a = above[3] + below[3] * (1 - above[3])
    const mix = (i) => (a ? (above[i] * above[3] + below[i] * below[3] * (1 - above[3])) / a : 0)
    return [mix(0), mix(1), mix(2), a]
  }
  const luminance = (colour) => {
    const [r, g, b] = colour.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  // What an element's text and the ground beneath it look like: each element is painted over its parent, as opaque as it says.
  const seen = (element) => {
    let text = rgba(getComputedStyle(element).color)
    let ground = [0, 0, 0, 0]
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e)
      const own = rgba(style.backgroundColor)
      ground = over(ground, own)
      text = over(text, own)
      const opacity = Number(style.opacity)
      text = [...text.slice(0, 3), text[3] * opacity]
      ground = [...ground.slice(0, 3), ground[3] * opacity]
    }
    const canvas = getComputedStyle(document.documentElement).colorScheme.startsWith('dark') ? [18, 18, 18, 1] : [255, 255, 255, 1]
    return [over(text, canvas), over(ground, canvas)]
  }
  const found = new Set()
  for (const root of document.querySelectorAll(within)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const words = node.textContent.trim()
      const element = node.parentElement
      const style = getComputedStyle(element)
      const drawn = element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest('svg, style, script')
      if (!words || !drawn) continue
      const size = parseFloat(style.fontSize)
      const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
      const [text, ground] = seen(element)
      const contrast = ratio(text, ground)
      const hex = (c) => '#' + c.slice(0, 3).map((v) => Math.round(v).toString(16).padStart(2, '0')).join('')
      if (contrast < least) found.add(`${contrast.toFixed(2)} ${hex(text)} on ${hex(ground)}: ${words.slice(0, 60)}`)
    }
  }
  return [...found]
}
