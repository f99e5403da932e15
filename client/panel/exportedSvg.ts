/** Whatever of its look a part of the picture has from style sheets. */
const styled = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
  'dominant-baseline',
  'text-decoration-line',
  'white-space',
] as const;

/** Only for whoever uses it here. */
const interactive = ['role', 'tabindex', 'aria-label', 'data-spot', 'data-why', 'class'] as const;

/** The picture as a file of its own, in the colours that it is shown with, at real size. */
export function exportedSvg(picture: SVGSVGElement): string {
  const copy = picture.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) return '';
  const originals = picture.querySelectorAll<SVGElement>('*');
  for (const [index, element] of copy.querySelectorAll<SVGElement>('*').entries()) {
    const original = originals[index];
    if (original === undefined) continue;
    const look = getComputedStyle(original);
    const spoken = { title: element.getAttribute('aria-label'), desc: element.getAttribute('data-why') };
    for (const name of interactive) element.removeAttribute(name);
    if (element instanceof SVGGraphicsElement && !(element instanceof SVGGElement))
      for (const name of styled) {
        const value = look.getPropertyValue(name);
        if (value !== '') element.setAttribute(name === 'text-decoration-line' ? 'text-decoration' : name, value);
      }
    for (const [name, text] of Object.entries(spoken).toReversed()) {
      if (text === null) continue;
      const said = document.createElementNS(picture.namespaceURI, name);
      said.textContent = text;
      element.prepend(said);
    }
  }
  const { width, height } = picture.viewBox.baseVal;
  const ground = document.createElementNS(picture.namespaceURI, 'rect');
  const attributes = { width: `${width}`, height: `${height}`, fill: getComputedStyle(document.body).backgroundColor };
  for (const [name, value] of Object.entries(attributes)) ground.setAttribute(name, value);
  copy.prepend(ground);
  for (const name of interactive) copy.removeAttribute(name);
  copy.setAttribute('width', `${width}`);
  copy.setAttribute('height', `${height}`);
  return new XMLSerializer().serializeToString(copy);
}
